#include "ipc/log_pipe.h"

#include <stdio.h>

/* The log's destination, which a process has one of. */
static int pipe_fd = -1;
static unsigned dropped_lines;

static void
to_pipe(enum log_level level, const char *words)
{
	char lost[64];

	if (dropped_lines > 0) {
		snprintf(
		    lost, sizeof lost, "%u log lines dropped", dropped_lines);
		if (!log_record_write(
			pipe_fd, LOG_RECORD_LINE, LOG_LEVEL_WARNING, lost)) {
			dropped_lines++;
			return;
		}
		dropped_lines = 0;
	}
	if (!log_record_write(pipe_fd, LOG_RECORD_LINE, level, words))
		dropped_lines++;
}

void
log_pipe_open(int fd, enum log_level most)
{
	pipe_fd = fd;
	log_open(to_pipe, most);
}

void
log_pipe_signal(enum log_record_kind kind)
{
	log_record_write(pipe_fd, kind, LOG_LEVEL_DEBUG, "");
}
