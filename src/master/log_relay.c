/* SPDX-License-Identifier: MIT */
#include "master/log_relay.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "master/log_sink.h"
#include "master/sums.h"

enum { LINE_PREFIX_BYTES = 48 };

/* With the time and the child's name in front of it. */
static bool
take(struct child *child, enum log_level level, const char *words)
{
	return log_quota_take(&child->log_quota, level,
	    LINE_PREFIX_BYTES + strlen(words), clock_now_ms());
}

/* For the last words of a child there is always room. */
static void
say_loss(struct child *child, bool is_dead)
{
	struct log_quota *quota = &child->log_quota;
	char name[CHILD_NAME_SIZE], words[64];

	if (quota->dropped == 0)
		return;
	snprintf(words, sizeof words, "%u log lines dropped", quota->dropped);
	if (!take(child, LOG_LEVEL_WARNING, words) && !is_dead)
		return;
	quota->dropped = 0;
	log_sink_write(LOG_LEVEL_WARNING, child_name(child, name), words);
}

void
log_relay_loss(struct child *child)
{
	say_loss(child, false);
}

static void
relay(struct child *child, enum log_level level, const char *words)
{
	char name[CHILD_NAME_SIZE];

	log_relay_loss(child);
	if (take(child, level, words)) {
		log_sink_write(level, child_name(child, name), words);
		return;
	}
	child->log_quota.dropped++;
	log_sink_count_dropped(1);
}

void
log_relay_line(struct child *child, const struct message_line *line)
{
	if (log_is_wanted(line->level))
		relay(child, line->level, line->words);
}

static void
relay_stderr(struct child *child, const char *words)
{
	char bytes[STDERR_LINE_SIZE + 16];
	struct text text = text_in(bytes, sizeof bytes);

	text_format(&text, "stderr: %s", words);
	if (words[0] != '\0')
		relay(child, LOG_LEVEL_ERROR, bytes);
}

bool
log_relay_read_stderr(struct child *child)
{
	struct stderr_line *line = &child->stderr_line;
	char words[STDERR_LINE_SIZE + 1];
	ssize_t count;

	if (child->stderr_fd == -1)
		return false;
	count = read(child->stderr_fd, line->bytes + line->length,
	    STDERR_LINE_SIZE - line->length);
	if (count == 0)
		children_close_stderr(child);
	if (count <= 0)
		return false;
	line->length += (size_t)count;
	while (stderr_line_next(line, words))
		relay_stderr(child, words);
	return true;
}

void
log_relay_end(struct child *child)
{
	char words[STDERR_LINE_SIZE + 1];

	if (stderr_line_rest(&child->stderr_line, words))
		relay_stderr(child, words);
	say_loss(child, true);
}

static uint64_t
dropped_by(struct child *child)
{
	child->lines_dropped = sums_raise(
	    child->lines_dropped, counter_read(&child->log_counts->dropped));
	return child->lines_dropped;
}

uint64_t
log_relay_dropped(const struct children *children)
{
	uint64_t lines = 0;

	for (struct child *child = children->first; child != NULL;
	     child = child->next)
		lines += dropped_by(child);
	return lines;
}

void
log_relay_bury(struct child *child)
{
	uint64_t done = counter_read(&child->log_counts->done);

	log_sink_count_dropped(dropped_by(child));
	if (done < child->lines_sent)
		log_sink_say_dropped(child->lines_sent - done);
}
