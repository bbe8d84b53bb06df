#include "ipc/log_pipe.h"

#include <stdio.h>

/* The log's destination, which a process has one of, and what it did not take
 * yet: signals by their kind's bit, lines by their number. */
static int pipe_fd = -1;
static unsigned unsent_signals;
static unsigned dropped_lines;

static bool
send_signals(void)
{
	for (unsigned kind = 0; unsent_signals >> kind != 0; kind++) {
		if ((unsent_signals & 1U << kind) == 0)
			continue;
		if (!log_record_write(pipe_fd, (enum log_record_kind)kind,
			LOG_LEVEL_DEBUG, ""))
			return false;
		unsent_signals &= ~(1U << kind);
	}
	return true;
}

static bool
send_loss(void)
{
	char words[64];

	if (dropped_lines == 0)
		return true;
	snprintf(words, sizeof words, "%u log lines dropped", dropped_lines);
	if (!log_record_write(
		pipe_fd, LOG_RECORD_LINE, LOG_LEVEL_WARNING, words))
		return false;
	dropped_lines = 0;
	return true;
}

bool
log_pipe_catch_up(void)
{
	return send_signals() && send_loss();
}

static void
to_pipe(enum log_level level, const char *words)
{
	if (!log_pipe_catch_up() ||
	    !log_record_write(pipe_fd, LOG_RECORD_LINE, level, words))
		dropped_lines++;
}

void
log_pipe_open(int fd, enum log_level max)
{
	pipe_fd = fd;
	log_open(to_pipe, max);
}

/* Of the two that exclude each other only the last is true. */
void
log_pipe_signal(enum log_record_kind kind)
{
	if (kind == LOG_RECORD_FULL)
		unsent_signals &= ~(1U << LOG_RECORD_ROOM);
	if (kind == LOG_RECORD_ROOM)
		unsent_signals &= ~(1U << LOG_RECORD_FULL);
	unsent_signals |= 1U << kind;
	send_signals();
}
