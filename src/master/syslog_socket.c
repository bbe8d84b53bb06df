/* SPDX-License-Identifier: MIT */
#include "master/syslog_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/text.h"

/* Connected, or -1: part of the log's destination. */
static int socket_fd = -1;

static const int severities[LOG_LEVELS] = {
	[LOG_LEVEL_ERROR] = LOG_ERR,
	[LOG_LEVEL_WARNING] = LOG_WARNING,
	[LOG_LEVEL_NOTICE] = LOG_NOTICE,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

static bool
connect_if_needed(void)
{
	const struct sockaddr_un daemon = {
		.sun_family = AF_UNIX,
		.sun_path = "/dev/log",
	};

	if (socket_fd != -1)
		return true;
	socket_fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (socket_fd == -1)
		return false;
	if (connect(socket_fd, (const struct sockaddr *)&daemon,
		sizeof daemon) == -1)
		descriptor_close(&socket_fd);
	return socket_fd != -1;
}

void
syslog_socket_close(void)
{
	descriptor_close(&socket_fd);
}

/* A daemon that was restarted has another socket under the same name; a full
 * one must not be mistaken for that, or each line would cost a connect. */
static bool
send_once(const char *bytes, size_t length, bool *gone)
{
	*gone = false;
	if (!connect_if_needed())
		return false;
	if (send(socket_fd, bytes, length, MSG_NOSIGNAL) != -1)
		return true;
	*gone = errno != EAGAIN && errno != ENOBUFS;
	if (*gone)
		syslog_socket_close();
	return false;
}

bool
syslog_socket_send(enum log_level level, const char *line)
{
	char bytes[2200], when[sizeof "Nov 23 06:01:55"];
	struct text text = text_in(bytes, sizeof bytes);
	time_t now = time(NULL);
	struct tm local;
	bool gone;

	localtime_r(&now, &local);
	strftime(when, sizeof when, "%b %e %T", &local);
	text_format(&text, "<%d>%s handyproxy[%d]: %s",
	    LOG_DAEMON | severities[level], when, (int)getpid(), line);
	return send_once(bytes, text.length, &gone) ||
	    (gone && send_once(bytes, text.length, &gone));
}
