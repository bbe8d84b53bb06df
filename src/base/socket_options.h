/* SPDX-License-Identifier: MIT */
/* socket_options.h - the options of a connection's sockets. The listener has
 * them too, as accepted sockets inherit them. They do not inherit O_NONBLOCK.
 */

#ifndef SOCKET_OPTIONS_H
#define SOCKET_OPTIONS_H

/* Small segments are sent at once. Urgent bytes stay in place. Keepalive
 * begins after 60 s, with 4 probes 15 s apart. close(2) and the end of the
 * process send RST: a FIN would look like the end of a download. 0, or -1 with
 * errno. */
int socket_options_set(int fd);

/* Before connect(2), on a socket that will send first. TCP_DEFER_ACCEPT then
 * makes the handshake's last segment carry the first bytes. TCP_QUICKACK would
 * do so, too, but has to be turned on again for peers that use Nagle. */
void socket_options_speak_first(int fd);

/* The same, where the peer may send first: it must hear at once that it may. */
void socket_options_hear_first(int fd);

/* From now on close(2) sends the remaining bytes and a FIN. */
void socket_options_end_with_fin(int fd);

#endif
