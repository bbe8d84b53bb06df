/* SPDX-License-Identifier: MIT */
/* syslog_socket.h - lines to the local syslog daemon. libc's syslog(3) waits
 * when that daemon stops reading; this never does, and finds the daemon again
 * when it was restarted. Master only. RFC 3164, /dev/log. */

#ifndef SYSLOG_SOCKET_H
#define SYSLOG_SOCKET_H

#include <stdbool.h>

#include "base/log.h"

/* True if the daemon's socket took the line. */
bool syslog_socket_send(enum log_level level, const char *line);

void syslog_socket_close(void);

#endif
