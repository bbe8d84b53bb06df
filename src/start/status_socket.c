/* SPDX-License-Identifier: MIT */
#include "start/status_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "start/listen.h"

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path, strlen(path));
	return address;
}

static int
open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* False with errno. A socket whose queue is full has a listener, too. */
static bool
is_abandoned(const char *path)
{
	const struct sockaddr_un address = address_of(path);
	int fd = open_socket();

	if (fd == -1)
		return false;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) ==
		0 ||
	    errno == EAGAIN)
		errno = EADDRINUSE;
	descriptor_close(&fd);
	return errno == ECONNREFUSED;
}

enum file { FILE_NONE, FILE_STALE, FILE_IN_THE_WAY };

/* IN_THE_WAY with errno: EEXIST where it is no socket. Other errors are for
 * bind(2) to find. */
static enum file
look_at(const char *path)
{
	struct stat status;

	if (lstat(path, &status) == -1)
		return FILE_NONE;
	if (S_ISSOCK(status.st_mode))
		return is_abandoned(path) ? FILE_STALE : FILE_IN_THE_WAY;
	errno = EEXIST;
	return FILE_IN_THE_WAY;
}

/* The mode of a socket before bind(2), less the umask, is that of its file:
 * chmod(2) would follow a link that was put in its place meanwhile. */
static int
bind_with_mode(int fd, const char *path)
{
	const struct sockaddr_un address = address_of(path);
	mode_t mask = umask(0);
	int result = fchmod(fd, 0660) == 0
	    ? bind(fd, (const struct sockaddr *)&address, sizeof address)
	    : -1;

	umask(mask);
	return result;
}

/* Whoever owns the folder could have put another file there meanwhile: only a
 * socket of our own is given away. */
static bool
take_file(struct status_socket *status_socket, const char *path,
    const struct identity *identity)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat file;
	bool done = false;

	if (fd == -1)
		return false;
	errno = EEXIST;
	if (fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode) &&
	    file.st_nlink == 1 && file.st_uid == geteuid()) {
		status_socket->has_file = true;
		status_socket->device = file.st_dev;
		status_socket->inode = file.st_ino;
		done = !identity->change ||
		    fchownat(fd, "", identity->uid, identity->gid,
			AT_EMPTY_PATH) == 0;
	}
	descriptor_close(&fd);
	return done;
}

static bool
open_unix(struct status_socket *status_socket, const char *path,
    const struct identity *identity)
{
	enum file file = look_at(path);

	if (file == FILE_IN_THE_WAY ||
	    (file == FILE_STALE && unlink(path) == -1 && errno != ENOENT))
		return false;
	status_socket->fd = open_socket();
	if (status_socket->fd == -1)
		return false;
	if (bind_with_mode(status_socket->fd, path) == 0 &&
	    take_file(status_socket, path, identity) &&
	    listen(status_socket->fd, SOMAXCONN) == 0)
		return true;
	descriptor_close(&status_socket->fd);
	return false;
}

static bool
open_tcp(struct status_socket *status_socket, const struct address *ip)
{
	status_socket->fd = listen_open_status(ip, &status_socket->lacks_ipv6);
	return status_socket->fd != -1;
}

static bool
fail(const struct status_address *address, struct text *error)
{
	int error_number = errno;
	const char *cause = strerror(error_number);

	if (address->path[0] != '\0' && error_number == EADDRINUSE)
		cause = "another process listens on it";
	if (address->path[0] != '\0' && error_number == EEXIST)
		cause = "it exists and is no socket of ours";
	text_append(error, "-status-address ");
	status_address_append(error, address);
	text_format(error, ": %s", cause);
	return false;
}

bool
status_socket_open(struct status_socket *status_socket,
    const struct status_address *address, const struct identity *identity,
    struct text *error)
{
	*status_socket = (struct status_socket){ .fd = -1 };
	if (!status_address_is_set(address) ||
	    (address->path[0] != '\0'
		    ? open_unix(status_socket, address->path, identity)
		    : open_tcp(status_socket, &address->ip)))
		return true;
	return fail(address, error);
}

/* A living instance may be the one whose configuration is checked, and an init
 * script may make the folder at the start. */
bool
status_socket_check(const struct status_address *address, struct text *error)
{
	struct stat file;

	if (address->path[0] == '\0' || lstat(address->path, &file) == -1 ||
	    S_ISSOCK(file.st_mode))
		return true;
	errno = EEXIST;
	return fail(address, error);
}

void
status_socket_remove(
    struct status_socket *status_socket, const struct status_address *address)
{
	struct stat file;

	if (status_socket->has_file && lstat(address->path, &file) == 0 &&
	    file.st_dev == status_socket->device &&
	    file.st_ino == status_socket->inode)
		unlink(address->path);
	status_socket->has_file = false;
}
