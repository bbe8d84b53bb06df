/* SPDX-License-Identifier: MIT */
/* interface.h - network interfaces by number and by name. The C library's own
 * functions open Unix sockets, which a sandbox refuses. Any process. */

#ifndef INTERFACE_H
#define INTERFACE_H

#include <net/if.h>
#include <stdbool.h>

/* False with errno; ENXIO or ENODEV: there is none. */
bool interface_name(unsigned index, char name[IF_NAMESIZE]);

/* Of "wan", or of "3" if that is no name but a number. 0 with errno. */
unsigned interface_index(const char *name);

#endif
