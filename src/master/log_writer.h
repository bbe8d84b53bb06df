/* SPDX-License-Identifier: MIT */
/* log_writer.h - the process that writes the log file, because a disk can stop
 * for long, and the master must not. Its pipe from the master brings lines, and
 * the path of the file to open from then on: "\0path\0". */

#ifndef LOG_WRITER_H
#define LOG_WRITER_H

#include "ipc/role.h"

/* Begins with role->log_fd. Ends when the pipe is at its end, which a kill of
 * the master is, too: all that is in the pipe is written first. */
role_main log_writer_main;

#endif
