/* listener.h - the socket that clients come to. Made by the master, shared by
 * all workers. */

#ifndef LISTENER_H
#define LISTENER_H

#include "base/address.h"

/* Bound, listening with the backlog that the kernel allows, non-blocking,
 * close-on-exec; its options are those that accepted sockets inherit. The
 * caller's to close; -1 with errno. */
int listener_open(const struct address *address);

#endif
