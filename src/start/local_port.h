/* SPDX-License-Identifier: MIT */
/* local_port.h - whether the kernel may give -local-port to outgoing
 * connections, so that a later start finds it taken. Runs at the start and for
 * -check. */

#ifndef LOCAL_PORT_H
#define LOCAL_PORT_H

#include <stdbool.h>

#include "config/config.h"

#define LOCAL_PORT_SHARED                                                 \
	"-local-port %u is within net.ipv4.ip_local_port_range, so that " \
	"another connection may hold it at a later start: add it to "     \
	"net.ipv4.ip_local_reserved_ports"

/* It is within ip_local_port_range, and not among ip_local_reserved_ports. */
bool local_port_is_shared(const struct config *config);

#endif
