/* SPDX-License-Identifier: MIT */
#include "master/log_writer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/process_name.h"
#include "base/text.h"
#include "config/config.h"
#include "master/log_file.h"
#include "master/log_line.h"

enum { BUFFER_BYTES = 64 * 1024, RETRY_MS = 2000 };

struct log_writer {
	int lines_fd; /* from the master */
	enum log_format format; /* of its own lines */
	struct log_counts *counts;
	struct log_file file;
	unsigned lost; /* lines that the file did not take, to be said */
	size_t length;
	char bytes[BUFFER_BYTES]; /* what is not written yet */
};

/* A line of the writer's own, which looks as if the master had written it. */
static bool
write_own(struct log_writer *writer, const char *words)
{
	char line[LOG_LINE_SIZE];
	size_t length = log_line_format(
	    line, writer->format, LOG_LEVEL_WARNING, "master", words, true);

	line[length++] = '\n';
	return log_file_write(&writer->file, line, length) == length;
}

static bool
write_loss(struct log_writer *writer)
{
	char words[64];

	if (writer->lost == 0)
		return true;
	snprintf(words, sizeof words, "%u log lines dropped", writer->lost);
	if (!write_own(writer, words))
		return false;
	writer->lost = 0;
	return true;
}

static void
lose_line(struct log_writer *writer)
{
	writer->lost++;
	counter_add(&writer->counts->dropped, 1);
}

static unsigned
count_lines(const char *lines, size_t length)
{
	unsigned count = 0;

	for (size_t i = 0; i < length; i++)
		count += lines[i] == '\n';
	return count;
}

static void
write_lines(struct log_writer *writer, const char *lines, size_t length)
{
	while (length > 0) {
		size_t done = 0;

		if (write_loss(writer))
			done = log_file_write(&writer->file, lines, length);
		if (done < length) {
			const char *end =
			    memchr(lines + done, '\n', length - done);

			done = (size_t)(end - lines) + 1;
			lose_line(writer);
		}
		counter_add(&writer->counts->done, count_lines(lines, done));
		lines += done;
		length -= done;
	}
}

static void
open_again(struct log_writer *writer, const char *path)
{
	int fd = log_file_open(path, NULL);
	char words[LOG_WORDS_SIZE];
	struct text text = text_in(words, sizeof words);
	const char *cause = strerror(errno);

	if (fd != -1) {
		descriptor_close(&writer->file.fd);
		writer->file = (struct log_file){ .fd = fd };
		return;
	}
	text_append(&text,
	    "the log file cannot be opened again, the old one stays in use");
	text_quote(&text, "file", span_of(path, strlen(path)));
	text_quote(&text, "cause", span_of(cause, strlen(cause)));
	if (!write_loss(writer) || !write_own(writer, words))
		lose_line(writer);
}

static void
reconfigure(struct log_writer *writer, const char *format_and_path)
{
	writer->format = format_and_path[0] == LOG_WRITER_JSON
	    ? LOG_FORMAT_JSON
	    : LOG_FORMAT_TEXT;
	if (format_and_path[1] != '\0')
		open_again(writer, format_and_path + 1);
}

/* Does what the first bytes say; returns how many they were, 0 where the rest
 * of them has not come. */
static size_t
take(struct log_writer *writer, const char *bytes, size_t length)
{
	const char *nul = memchr(bytes, '\0', length), *end;

	if (nul == bytes) {
		end = memchr(bytes + 1, '\0', length - 1);
		if (end != NULL)
			reconfigure(writer, bytes + 1);
	} else {
		if (nul != NULL)
			length = (size_t)(nul - bytes);
		end = memrchr(bytes, '\n', length);
		if (end != NULL)
			write_lines(writer, bytes, (size_t)(end - bytes) + 1);
	}
	return end == NULL ? 0 : (size_t)(end - bytes) + 1;
}

static void
take_all(struct log_writer *writer)
{
	size_t taken = 0, count;

	while (taken < writer->length &&
	    (count = take(
		 writer, writer->bytes + taken, writer->length - taken)) > 0)
		taken += count;
	writer->length -= taken;
	memmove(writer->bytes, writer->bytes + taken, writer->length);
}

/* False at the end of the pipe. */
static bool
run_once(struct log_writer *writer)
{
	struct pollfd slot = { writer->lines_fd, POLLIN, 0 };
	ssize_t count;

	if (poll(&slot, 1, writer->lost > 0 ? RETRY_MS : -1) == 0) {
		write_loss(writer);
		return true;
	}
	count = read(writer->lines_fd, writer->bytes + writer->length,
	    sizeof writer->bytes - writer->length);
	if (count > 0)
		writer->length += (size_t)count;
	take_all(writer);
	return count != 0;
}

/* TERM, which a stop may send to the whole group, stays blocked: the last lines
 * are to come. */
void
log_writer_main(const struct role *role)
{
	static struct log_writer writer;

	process_name_set("handyproxy:log");
	writer.lines_fd = role->control_fd;
	writer.file.fd = role->log_fd;
	writer.format = role->config->log_format;
	writer.counts = role->log_counts;
	while (run_once(&writer))
		continue;
	write_loss(&writer);
	exit(EXIT_SUCCESS);
}
