/* SPDX-License-Identifier: MIT */
/* status_address.h - where the status process listens: an address of TCP or the
 * path of a Unix socket. The value of -status-address. Any process. Pure. */

#ifndef STATUS_ADDRESS_H
#define STATUS_ADDRESS_H

#include <stdbool.h>

#include "base/address.h"
#include "base/text.h"

enum { STATUS_PATH_SIZE = 108 }; /* of sun_path; see unix(7) */

struct status_address {
	struct address ip; /* with its port; all bytes 0: none */
	char path[STATUS_PATH_SIZE]; /* absolute; "": none */
};

/* Parses "127.0.0.1:9090" or "[::1]:9090"; false if the text is neither. */
bool status_address_parse_ip(struct address *ip, const char *text);

/* A text that looks like an address with a mistake is no path. */
bool status_address_looks_like_path(const char *text);

/* False: there is no status process. */
bool status_address_is_set(const struct status_address *address);

/* Whether other hosts can reach it: an address that is not of the loopback. */
bool status_address_is_public(const struct status_address *address);

/* As it is written on the command line. */
void status_address_append(
    struct text *text, const struct status_address *address);

#endif
