/* listener.h - keeps the socket that clients connect to in working order. All
 * workers share it. Master only. */

#ifndef LISTENER_H
#define LISTENER_H

/* Makes it listen again where a worker that was taken over has put an end to
 * that for all; does nothing otherwise. */
void listener_revive(int fd);

#endif
