/* SPDX-License-Identifier: MIT */
/* forbidden_networks.h - networks to which no connection leads: a proxy cannot
 * reach them, or they are its own. Pure. */

#ifndef FORBIDDEN_NETWORKS_H
#define FORBIDDEN_NETWORKS_H

#include "base/address.h"
#include "worker/destination_refusal.h"

/* Why no connection to the address, of IPv4 or IPv6, is allowed; NULL: it is.
 */
const struct destination_refusal *forbidden_networks_find(
    const struct address *address);

/* The refusal of a connection to an address of this host. */
extern const struct destination_refusal forbidden_networks_local_address;

#endif
