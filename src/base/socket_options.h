/* socket_options.h - the options of every socket of a connection. The
 * listener has them too: accepted sockets inherit them, O_NONBLOCK apart. */

#ifndef SOCKET_OPTIONS_H
#define SOCKET_OPTIONS_H

/* No delay of small segments; urgent bytes stay in their place; keepalive after
 * 60 s, then 4 probes 15 s apart; and a close(2), or the end of the process,
 * that sends RST and never a FIN that would look like the end of a download. 0,
 * or -1 with errno. */
int socket_options_set(int fd);

/* For a socket that is to be connected, and sends at once when it is: the last
 * segment of the handshake goes with the first bytes. TCP_DEFER_ACCEPT does so
 * for this end; TCP_QUICKACK would need to be set back, lest a sender waits for
 * acknowledgements (Nagle). */
void socket_options_speak_first(int fd);

/* From now on close(2) sends what is still to be sent, and a FIN. */
void socket_options_end_with_fin(int fd);

#endif
