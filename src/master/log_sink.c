#include "master/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "master/syslog_socket.h"

enum { LINE_SIZE = 1998 };

/* The log's destination, which the master has one of. */
static struct log_sink {
	enum log_to to;
	int fd; /* owned unless it is standard error; syslog's has its own */
	bool cut; /* the last line lost its end */
	unsigned dropped;
} sink = { .to = LOG_TO_DEFAULT, .fd = STDERR_FILENO };

/* Of a file that is made at the start, when we may be root. */
struct owner {
	uid_t uid;
	gid_t gid;
};

/* The caller of this program shares the terminal or the pipe, so its
 * O_NONBLOCK is not ours to set: it is opened anew. A socket cannot be, and
 * need not: write_whole() asks first. A regular file never blocks, and its
 * place to write at is shared too. */
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

/* At the start, when we may be root, not to a file that has another name
 * elsewhere. */
static int
open_existing(const char *path, int flags, bool at_start)
{
	int fd = open(path, flags);
	struct stat status;

	if (fd == -1 || !at_start || fstat(fd, &status) == -1 ||
	    !S_ISREG(status.st_mode) || status.st_nlink == 1)
		return fd;
	descriptor_close(&fd);
	errno = EMLINK;
	return -1;
}

static int
open_file(const char *path, const struct owner *owner)
{
	int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW |
	    O_NOCTTY;
	int fd = open(path, flags | O_CREAT | O_EXCL, 0640);

	if (fd == -1)
		return errno == EEXIST
		    ? open_existing(path, flags, owner != NULL)
		    : -1;
	if (owner != NULL && owner->uid != (uid_t)-1 &&
	    fchown(fd, owner->uid, owner->gid) == -1)
		descriptor_close(&fd);
	return fd;
}

static enum log_to
target(const struct config *config)
{
	if (config->log.to != LOG_TO_DEFAULT)
		return config->log.to;
	return config->background ? LOG_TO_SYSLOG : LOG_TO_STDERR;
}

void
log_sink_close(void)
{
	if (sink.fd != STDERR_FILENO)
		descriptor_close(&sink.fd);
	syslog_socket_close();
	sink = (struct log_sink){ .to = LOG_TO_DEFAULT, .fd = STDERR_FILENO };
}

static void
write_own(enum log_level level, const char *words)
{
	log_sink_write(level, "master", words);
}

/* The new sink is open before the old one is given up. */
static bool
switch_to(const struct config *config, const struct owner *owner)
{
	struct log_sink next = { .to = target(config), .fd = -1 };

	if (next.to == LOG_TO_STDERR)
		next.fd = sink.to == LOG_TO_STDERR ? descriptor_take(&sink.fd)
						   : open_stderr();
	if (next.to == LOG_TO_FILE) {
		next.fd = open_file(config->log.path, owner);
		if (next.fd == -1)
			return false;
	}
	if (sink.fd != STDERR_FILENO)
		descriptor_close(&sink.fd);
	next.dropped = sink.dropped;
	sink = next;
	log_open(write_own, config->log_level);
	return true;
}

bool
log_sink_open(
    const struct config *config, uid_t uid, gid_t gid, struct text *error)
{
	const struct owner owner = { uid, gid };

	if (switch_to(config, &owner))
		return true;
	text_append(error, "-log-to ");
	text_short(error, config->log.path);
	text_format(error, ": %s", strerror(errno));
	return false;
}

void
log_sink_reopen(const struct config *config)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);
	const char *cause;

	if (switch_to(config, NULL))
		return;
	cause = strerror(errno);
	text_append(&line,
	    "the log file cannot be opened again, the old one stays in use");
	text_quote(
	    &line, "file", span_of(config->log.path, strlen(config->log.path)));
	text_quote(&line, "cause", span_of(cause, strlen(cause)));
	log_open(write_own, config->log_level);
	log_warning("%s", words);
}

/* True if all of it was taken. A line that lost its end, because the disk was
 * full, is ended before the next one begins. A descriptor that is shared with
 * our caller may block: it is asked for room first. */
static bool
write_whole(const char *line, size_t length)
{
	struct pollfd slot = { sink.fd, POLLOUT, 0 };
	ssize_t count;

	if (sink.fd == STDERR_FILENO && poll(&slot, 1, 0) != 1)
		return false;
	if (sink.cut && write(sink.fd, "\n", 1) != 1)
		return false;
	sink.cut = false;
	count = write(sink.fd, line, length);
	if (count > 0 && (size_t)count < length)
		sink.cut = true;
	return count == (ssize_t)length;
}

static bool
put(enum log_level level, const char *process, const char *words)
{
	char time[CLOCK_TEXT_SIZE], bytes[LINE_SIZE + 1];
	struct text line = text_in(bytes, LINE_SIZE);

	if (sink.to != LOG_TO_SYSLOG) {
		clock_utc_text(time);
		text_format(&line, "%s ", time);
	}
	text_format(&line, "%s %s: ", log_level_name(level), process);
	text_printable(&line, span_of(words, strlen(words)));
	if (sink.to == LOG_TO_SYSLOG)
		return syslog_socket_send(level, bytes);
	bytes[line.length++] = '\n';
	return write_whole(bytes, line.length);
}

void
log_sink_tick(void)
{
	char words[64];

	if (sink.dropped == 0)
		return;
	snprintf(words, sizeof words, "%u log lines dropped", sink.dropped);
	if (put(LOG_LEVEL_WARNING, "master", words))
		sink.dropped = 0;
}

void
log_sink_write(enum log_level level, const char *process, const char *words)
{
	log_sink_tick();
	if (sink.dropped > 0 || !put(level, process, words))
		sink.dropped++;
}
