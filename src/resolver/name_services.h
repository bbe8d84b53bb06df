/* SPDX-License-Identifier: MIT */
/* name_services.h - what the modules of this machine's name service need. In
 * the resolver. nsswitch.conf(5) */

#ifndef NAME_SERVICES_H
#define NAME_SERVICES_H

#include <stdbool.h>

/* True unless /etc/nsswitch.conf looks up hosts with modules alone that need
 * no Unix socket. nscd(8) is only a cache, which glibc can do without; musl
 * has no modules. */
bool name_services_need_unix_sockets(void);

/* The same of one line of that file, which is changed. */
bool name_services_line_needs_unix_sockets(char *line);

#endif
