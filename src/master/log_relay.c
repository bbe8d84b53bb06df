#include "master/log_relay.h"

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
relay_stderr(const struct child *child, const char *words)
{
	char name[CHILD_NAME_SIZE], bytes[STDERR_LINE_SIZE + 16];
	struct text text = text_in(bytes, sizeof bytes);

	text_format(&text, "stderr: %s", words);
	if (words[0] != '\0')
		log_sink_write(LOG_LEVEL_ERROR, child_name(child, name), bytes);
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
log_relay_end_stderr(struct child *child)
{
	char words[STDERR_LINE_SIZE + 1];

	if (stderr_line_rest(&child->stderr_line, words))
		relay_stderr(child, words);
}
