#include "master/log_relay.h"

#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "master/log_sink.h"

/* More than two full pipes hold. */
enum { LAST_READS = 256 };

static void
handle_record(struct child *child, const struct log_record *record,
    struct child_messages *messages)
{
	char name[CHILD_NAME_SIZE];

	switch (record->kind) {
	case LOG_RECORD_LINE:
		if (log_is_wanted(record->level))
			log_sink_write(record->level,
			    child_name(child->number, name), record->words);
		break;
	case LOG_RECORD_LOOKUP:
		messages->wants_lookup = true;
		break;
	case LOG_RECORD_FULL:
		child->full = true;
		break;
	case LOG_RECORD_ROOM:
		child->full = false;
		break;
	case LOG_RECORD_ACCEPTS:
		messages->accepts = true;
		break;
	case LOG_RECORD_DRAINS:
		messages->drains = true;
		break;
	}
}

/* False at the end of the pipe or where there is nothing to read now. */
static bool
fill(int *fd, void *bytes, size_t size, size_t *length)
{
	ssize_t count = read(*fd, (char *)bytes + *length, size - *length);

	if (count == 0)
		descriptor_close(fd);
	if (count <= 0)
		return false;
	*length += (size_t)count;
	return true;
}

static bool
read_records(struct child *child, struct child_messages *messages)
{
	struct log_record_reader *reader = &child->reader;
	enum log_record_verdict verdict;
	struct log_record record;

	if (!fill(&child->log_fd, reader->bytes, sizeof reader->bytes,
		&reader->length))
		return false;
	while ((verdict = log_record_next(reader, &record)) == LOG_RECORD_WHOLE)
		handle_record(child, &record, messages);
	if (verdict == LOG_RECORD_INVALID) {
		messages->bad_message = true;
		descriptor_close(&child->log_fd);
	}
	return verdict != LOG_RECORD_INVALID;
}

void
log_relay_read(struct child *child, struct child_messages *messages)
{
	read_records(child, messages);
}

static void
say_stderr(struct child *child, size_t length)
{
	char name[CHILD_NAME_SIZE], words[STDERR_LINE_SIZE + 16];
	struct text text = text_in(words, sizeof words);

	text_format(&text, "stderr: %.*s", (int)length, child->stderr_line);
	if (length > 0)
		log_sink_write(
		    LOG_LEVEL_ERROR, child_name(child->number, name), words);
}

/* Whole lines, and what is as long as the buffer. */
static bool
read_lines(struct child *child)
{
	char *end;

	if (!fill(&child->stderr_fd, child->stderr_line, STDERR_LINE_SIZE,
		&child->stderr_length))
		return false;
	while (child->stderr_length > 0) {
		size_t length = child->stderr_length, used = length;

		end = memchr(child->stderr_line, '\n', length);
		if (end == NULL && length < STDERR_LINE_SIZE)
			break;
		if (end != NULL) {
			length = (size_t)(end - child->stderr_line);
			used = length + 1;
		}
		say_stderr(child, length);
		child->stderr_length -= used;
		memmove(child->stderr_line, child->stderr_line + used,
		    child->stderr_length);
	}
	return true;
}

void
log_relay_read_stderr(struct child *child)
{
	read_lines(child);
}

void
log_relay_finish(struct child *child, struct child_messages *messages)
{
	for (unsigned i = 0; i < LAST_READS; i++) {
		if (child->log_fd == -1 || !read_records(child, messages))
			break;
	}
	for (unsigned i = 0; i < LAST_READS; i++) {
		if (child->stderr_fd == -1 || !read_lines(child))
			break;
	}
	say_stderr(child, child->stderr_length);
	child->stderr_length = 0;
}
