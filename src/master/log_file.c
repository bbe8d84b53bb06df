/* SPDX-License-Identifier: MIT */
#include "master/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

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

int
log_file_open(const char *path, const struct log_file_owner *owner)
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

/* The length of the whole lines among the first `length` bytes. */
static size_t
whole_lines(const char *lines, size_t length)
{
	const char *end = memrchr(lines, '\n', length);

	return end == NULL ? 0 : (size_t)(end - lines) + 1;
}

size_t
log_file_write(struct log_file *file, const char *lines, size_t length)
{
	ssize_t count;
	size_t whole;

	if (file->cut && write(file->fd, "\n", 1) != 1)
		return 0;
	file->cut = false;
	count = write(file->fd, lines, length);
	if (count <= 0)
		return 0;
	whole = whole_lines(lines, (size_t)count);
	file->cut = whole < (size_t)count;
	return whole;
}
