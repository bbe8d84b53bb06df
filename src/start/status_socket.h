/* SPDX-License-Identifier: MIT */
/* status_socket.h - the socket of -status-address. At the start, and at the end
 * of the master. unix(7) */

#ifndef STATUS_SOCKET_H
#define STATUS_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"
#include "config/status_address.h"
#include "start/identity.h"

struct status_socket {
	int fd; /* listens, the caller's; -1: there is none */
	bool lacks_ipv6; /* and the address is `::` */
	bool has_file; /* of a Unix socket, and this is which: */
	dev_t device;
	ino_t inode;
};

/* A Unix socket has mode 0660 and belongs to the identity, where that is
 * another one. A socket that nobody listens on any more is replaced; links are
 * not followed, and no other kind of file is touched. False with one line in
 * *error. */
bool status_socket_open(struct status_socket *status_socket,
    const struct status_address *address, const struct identity *identity,
    struct text *error);

/* What a start would find wrong with the file, without a change to it. */
bool status_socket_check(
    const struct status_address *address, struct text *error);

/* Removes the file of a Unix socket, where that is permitted, and unless a
 * successor has replaced it. The descriptor is the master's by now. */
void status_socket_remove(
    struct status_socket *status_socket, const struct status_address *address);

#endif
