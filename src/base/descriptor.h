/* SPDX-License-Identifier: MIT */
/* descriptor.h - operations on descriptors that every process needs.
 * Any process. A variable that holds a descriptor owns it, and is -1 when it
 * owns none; these functions keep that true. */

#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H

#include <stddef.h>

/* Closes *fd unless it is -1 and sets it to -1; errno stays what it was, so
 * that an error path can close first and report afterwards. */
void descriptor_close(int *fd);

/* Closes *fd and sets it to -1, but keeps the number in use: it then refers to
 * the file of standard input. */
void descriptor_retire(int *fd);

/* Closes all descriptors but standard input, output and error and those in
 * `kept`, of which some may be -1. */
void descriptor_close_others(const int kept[], size_t count);

/* Opens /dev/null, or, where that is missing, the reading end of a
 * pipe without a writing end. Close-on-exec. -1 with errno. */
int descriptor_null(void);

/* Gives up the ownership: returns *fd and sets it to -1. */
int descriptor_take(int *fd);

/* Opens a pipe, both ends close-on-exec and non-blocking. 0, or -1 with
 * errno. */
int descriptor_pipe(int *read_fd, int *write_fd);

/* The number of bytes, a FIN counted as one, that a TCP socket has yet to send
 * or that the peer has not acknowledged. -1 with errno. tcp(7), SIOCOUTQ. */
int descriptor_unacknowledged(int fd);

/* The socket's pending error as an errno value; 0: none. Reading SO_ERROR
 * clears it. */
int descriptor_socket_error(int fd);

#endif
