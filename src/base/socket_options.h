/* socket_options.h - the options of every socket of a connection. The
 * listener has them too: accepted sockets inherit them, O_NONBLOCK apart. */

#ifndef SOCKET_OPTIONS_H
#define SOCKET_OPTIONS_H

#include <stdbool.h>

/* No delay of small segments; urgent bytes stay in their place; keepalive after
 * 60 s, then 4 probes 15 s apart; and a close(2), or the end of the process,
 * that sends RST and never a FIN that would look like the end of a download. 0,
 * or -1 with errno. */
int socket_options_set(int fd);

/* Whether bytes that come may be acknowledged together with our next ones. True
 * saves a packet where those are sent at once; it is no state to stay in: a
 * sender that waits for the acknowledgement before it sends the rest (Nagle)
 * would wait 40 ms. */
void socket_options_delay_acks(int fd, bool delay);

/* From now on close(2) sends what is still to be sent, and a FIN. */
void socket_options_end_with_fin(int fd);

#endif
