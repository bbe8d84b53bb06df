/* log_pipe.h - the log's destination in a worker and in the resolver: records
 * to the master. Never waits: a line that does not fit is dropped and counted,
 * and what cannot be said now is said as soon as there is room. */

#ifndef LOG_PIPE_H
#define LOG_PIPE_H

#include <stdbool.h>

#include "base/log.h"
#include "ipc/log_record.h"

/* From now on the log verbs write to fd, which stays the caller's. */
void log_pipe_open(int fd, enum log_level max);

/* Says something to the master that is no line of the log; it gets there, if
 * late. */
void log_pipe_signal(enum log_record_kind kind);

/* Says what could not be said before; false while there is no room for it. To
 * be called now and then. */
bool log_pipe_catch_up(void);

#endif
