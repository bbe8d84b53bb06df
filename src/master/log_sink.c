/* SPDX-License-Identifier: MIT */
#include "master/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "master/log_file.h"
#include "master/log_line.h"
#include "master/log_writer.h"
#include "master/syslog_socket.h"

/* For the time that the disk stops. */
enum { PIPE_BYTES = 256 * 1024 };

/* A write to standard error that takes longer shows that it is a file on a slow
 * disk. */
enum { SLOW_MS = 1000 };

/* The log's destination, which the master has one of. A file is written by the
 * master itself only until there is a writer, for good; standard error, until
 * that has shown to be slow. */
static struct log_sink {
	enum log_to to;
	enum log_format format;
	struct log_file file; /* or standard error, which is not owned */
	bool wants_writer; /* a write may wait for a disk */
	int writer_fd; /* the pipe to the writer of the file; not owned */
	uint64_t *sent; /* lines, by that pipe; not owned */
	bool had_writer;
	const char *path; /* of the file */
	bool was_reopened; /* the path, since the file was opened here */
	bool must_tell; /* the writer does not know of it, or of the format */
	uint64_t dropped; /* and not said yet */
	uint64_t dropped_ever;
} sink = {
	.to = LOG_TO_DEFAULT,
	.file = { .fd = STDERR_FILENO },
	.writer_fd = -1,
};

/* The caller of this program shares the terminal or the pipe, so its
 * O_NONBLOCK is not ours to set: it is opened anew. A socket cannot be, and
 * need not: write_line() asks first. Of a file the place to write at is shared
 * too. */
static int
open_stderr(void)
{
	struct stat status;
	int fd;

	if (fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode))
		return STDERR_FILENO;
	fd = open("/proc/self/fd/2",
	    O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return fd == -1 ? STDERR_FILENO : fd;
}

static enum log_to
target(const struct config *config)
{
	if (config->log.to != LOG_TO_DEFAULT)
		return config->log.to;
	return config->background ? LOG_TO_SYSLOG : LOG_TO_STDERR;
}

static void
close_file(void)
{
	if (sink.file.fd != STDERR_FILENO)
		descriptor_close(&sink.file.fd);
}

void
log_sink_close(void)
{
	close_file();
	syslog_socket_close();
	sink = (struct log_sink){
		.to = LOG_TO_DEFAULT,
		.file = { .fd = STDERR_FILENO },
		.writer_fd = -1,
	};
}

int
log_sink_take_file(void)
{
	if (sink.file.fd == STDERR_FILENO)
		return dup(STDERR_FILENO);
	return descriptor_take(&sink.file.fd);
}

static void
write_own(enum log_level level, const char *words)
{
	log_sink_write(level, "master", words);
}

/* For whichever sink it is from now on. */
static void
use_config(const struct config *config)
{
	sink.format = config->log_format;
	sink.must_tell = sink.had_writer;
	log_open(write_own, config->log_level);
}

/* The new sink is open before the old one is given up. */
static bool
switch_to(const struct config *config, const struct log_file_owner *owner)
{
	struct log_sink next = {
		.to = target(config),
		.file = { .fd = -1 },
		.writer_fd = -1,
		.path = config->log.path,
		.dropped = sink.dropped,
		.dropped_ever = sink.dropped_ever,
	};

	if (next.to == LOG_TO_STDERR)
		next.file.fd = open_stderr();
	if (next.to == LOG_TO_FILE) {
		next.file.fd = log_file_open(config->log.path, owner);
		if (next.file.fd == -1)
			return false;
		next.wants_writer = true;
	}
	close_file();
	sink = next;
	use_config(config);
	return true;
}

bool
log_sink_open(
    const struct config *config, uid_t uid, gid_t gid, struct text *error)
{
	const struct log_file_owner owner = { uid, gid };

	if (switch_to(config, &owner))
		return true;
	text_append(error, "-log-to ");
	text_short(error, config->log.path);
	text_format(error, ": %s", strerror(errno));
	return false;
}

_Static_assert(CONFIG_LOG_PATH_SIZE + 2 <= PIPE_BUF, "the path goes at once");

/* As log_writer.h has it: one write, so that it arrives whole or not at all. */
static bool
tell_writer(void)
{
	char bytes[CONFIG_LOG_PATH_SIZE + 2];
	size_t length = sink.was_reopened ? strlen(sink.path) : 0;

	if (!sink.must_tell)
		return true;
	bytes[0] = '\0';
	bytes[1] =
	    sink.format == LOG_FORMAT_JSON ? LOG_WRITER_JSON : LOG_WRITER_TEXT;
	memcpy(bytes + 2, sink.path, length);
	bytes[length + 2] = '\0';
	if (write(sink.writer_fd, bytes, length + 3) == -1)
		return false;
	sink.must_tell = false;
	return true;
}

/* True where the descriptor stays, or where the writer of the file opens the
 * path, and says so if it cannot. */
static bool
keep_sink(const struct config *config)
{
	if (sink.to != target(config) ||
	    (sink.to == LOG_TO_FILE && !sink.had_writer))
		return false;
	sink.path = config->log.path;
	sink.was_reopened = sink.to == LOG_TO_FILE;
	use_config(config);
	return true;
}

void
log_sink_reopen(const struct config *config)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);
	const char *cause;

	if (keep_sink(config) || switch_to(config, NULL))
		return;
	cause = strerror(errno);
	text_append(&line,
	    "the log file cannot be opened again, the old one stays in use");
	text_quote(
	    &line, "file", span_of(config->log.path, strlen(config->log.path)));
	text_quote(&line, "cause", span_of(cause, strlen(cause)));
	use_config(config);
	log_warning("%s", words);
}

bool
log_sink_wants_writer(void)
{
	return sink.wants_writer;
}

bool
log_sink_uses_writer(int fd)
{
	return sink.writer_fd == fd;
}

void
log_sink_use_writer(int fd, uint64_t *sent)
{
	sink.writer_fd = fd;
	sink.sent = sent;
	if (fd == -1)
		return;
	fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
	sink.had_writer = true;
	sink.must_tell = sink.was_reopened;
}

/* A descriptor that is shared with our caller may block: it is asked for room
 * first. A file always says that it has room. */
static bool
write_stderr(const char *line, size_t length)
{
	struct pollfd slot = { STDERR_FILENO, POLLOUT, 0 };
	int64_t begin_ms = clock_now_ms();
	bool is_written;

	if (poll(&slot, 1, 0) != 1)
		return false;
	is_written = log_file_write(&sink.file, line, length) == length;
	sink.wants_writer |= clock_now_ms() - begin_ms >= SLOW_MS;
	return is_written;
}

static bool
write_to_writer(const char *line, size_t length)
{
	if (sink.writer_fd == -1 || !tell_writer() ||
	    write(sink.writer_fd, line, length) == -1)
		return false;
	++*sink.sent;
	return true;
}

static bool
write_line(const char *line, size_t length)
{
	if (sink.had_writer)
		return write_to_writer(line, length);
	if (sink.file.fd == STDERR_FILENO)
		return write_stderr(line, length);
	return log_file_write(&sink.file, line, length) == length;
}

static bool
put(enum log_level level, const char *process, const char *words)
{
	char line[LOG_LINE_SIZE];
	size_t length = log_line_format(
	    line, sink.format, level, process, words, sink.to != LOG_TO_SYSLOG);

	if (sink.to == LOG_TO_SYSLOG)
		return syslog_socket_send(level, line);
	line[length++] = '\n';
	return write_line(line, length);
}

void
log_sink_tick(void)
{
	char words[64];

	if (sink.had_writer && sink.writer_fd != -1)
		tell_writer();
	if (sink.dropped == 0)
		return;
	snprintf(words, sizeof words, "%llu log lines dropped",
	    (unsigned long long)sink.dropped);
	if (put(LOG_LEVEL_WARNING, "master", words))
		sink.dropped = 0;
}

void
log_sink_write(enum log_level level, const char *process, const char *words)
{
	log_sink_tick();
	if (sink.dropped == 0 && put(level, process, words))
		return;
	log_sink_say_dropped(1);
}

uint64_t
log_sink_dropped(void)
{
	return sink.dropped_ever;
}

void
log_sink_count_dropped(uint64_t lines)
{
	sink.dropped_ever += lines;
}

void
log_sink_say_dropped(uint64_t lines)
{
	sink.dropped += lines;
	sink.dropped_ever += lines;
}
