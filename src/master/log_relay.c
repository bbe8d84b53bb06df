#include "master/log_relay.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "master/children.h"
#include "master/log_sink.h"

void
log_relay_line(struct child *child, const struct message_line *line)
{
	char name[CHILD_NAME_SIZE];

	if (log_is_wanted(line->level))
		log_sink_write(
		    line->level, child_name(child, name), line->words);
}

static void
relay_stderr_line(struct child *child, size_t length)
{
	char name[CHILD_NAME_SIZE], words[STDERR_LINE_SIZE + 16];
	struct text text = text_in(words, sizeof words);

	text_format(&text, "stderr: %.*s", (int)length, child->stderr_line);
	if (length > 0)
		log_sink_write(LOG_LEVEL_ERROR, child_name(child, name), words);
}

static bool
fill_stderr_line(struct child *child)
{
	ssize_t count;

	if (child->stderr_fd == -1)
		return false;
	count =
	    read(child->stderr_fd, child->stderr_line + child->stderr_length,
		STDERR_LINE_SIZE - child->stderr_length);
	if (count == 0)
		children_close_stderr(child);
	if (count > 0)
		child->stderr_length += (size_t)count;
	return count > 0;
}

/* Whole lines, and a part of a line that is as long as the buffer. */
bool
log_relay_read_stderr(struct child *child)
{
	if (!fill_stderr_line(child))
		return false;
	while (child->stderr_length > 0) {
		size_t length = child->stderr_length, used = length;
		char *end = memchr(child->stderr_line, '\n', length);

		if (end == NULL && length < STDERR_LINE_SIZE)
			break;
		if (end != NULL) {
			length = (size_t)(end - child->stderr_line);
			used = length + 1;
		}
		relay_stderr_line(child, length);
		child->stderr_length -= used;
		memmove(child->stderr_line, child->stderr_line + used,
		    child->stderr_length);
	}
	return true;
}

void
log_relay_end_stderr(struct child *child)
{
	relay_stderr_line(child, child->stderr_length);
	child->stderr_length = 0;
}
