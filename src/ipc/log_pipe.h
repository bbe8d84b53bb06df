/* log_pipe.h - the log's destination in a worker and in the resolver: records
 * to the master. Never waits: what does not fit is dropped, counted, and said
 * as soon as there is room. */

#ifndef LOG_PIPE_H
#define LOG_PIPE_H

#include "base/log.h"
#include "ipc/log_record.h"

/* From now on the log verbs write to fd, which stays the caller's. */
void log_pipe_open(int fd, enum log_level most);

/* Says something to the master that is no line of the log. */
void log_pipe_signal(enum log_record_kind kind);

#endif
