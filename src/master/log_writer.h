/* SPDX-License-Identifier: MIT */
/* log_writer.h - the process that writes the log file, because a disk can stop
 * for long, and the master must not. Its pipe from the master brings lines, and
 * "\0" FORMAT PATH "\0" at a reload: the format of its own lines, a byte, and
 * the file to open from then on, where one is named. */

#ifndef LOG_WRITER_H
#define LOG_WRITER_H

#include "ipc/role.h"

enum { LOG_WRITER_TEXT = 't', LOG_WRITER_JSON = 'j' };

/* Begins with role->log_fd. Ends when the pipe is at its end, which a kill of
 * the master is, too: all that is in the pipe is written first. */
role_main log_writer_main;

#endif
