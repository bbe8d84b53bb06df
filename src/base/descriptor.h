/* descriptor.h - what is done to descriptors everywhere.
 * Any process. A variable that holds a descriptor owns it, and holds -1 when
 * it owns none; these functions keep that true. */

#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H

#include <stddef.h>

/* Closes *fd unless it is -1 and sets it to -1; errno stays what it was, so
 * that an error path can close first and report afterwards. */
void descriptor_close(int *fd);

/* Closes all but standard input, output and error and those that are kept, of
 * which some may be -1; nothing on a system older than close_range(2). */
void descriptor_close_others(const int kept[], size_t count);

/* Hands *fd over: returns it and leaves -1. */
int descriptor_take(int *fd);

/* A pipe with both ends close-on-exec and non-blocking; 0, or -1 with errno. */
int descriptor_pipe(int *read_fd, int *write_fd);

/* Bytes that a TCP socket was given and the other side has not acknowledged, a
 * FIN counted as one; -1 with errno. tcp(7), SIOCOUTQ. */
int descriptor_unacknowledged(int fd);

/* A pending error of the socket as an errno value, 0 for none. The system
 * forgets it with the asking. */
int descriptor_socket_error(int fd);

#endif
