/* listener.h - the socket that clients come to. Made by the master, shared by
 * all workers. */

#ifndef LISTENER_H
#define LISTENER_H

#include "base/address.h"

/* Bound, listening with the backlog that the kernel allows, non-blocking,
 * close-on-exec; its options are those that accepted sockets inherit. The
 * caller's to close; -1 with errno. */
int listener_open(const struct address *address);

/* Listens again where a worker that was taken over has put an end to that for
 * all; does nothing otherwise. */
void listener_revive(int fd);

#endif
