/* SPDX-License-Identifier: MIT */
#include "start/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Another instance may have removed the file at its end between our open and
 * our lock: then we hold the lock of a file that nobody sees. */
static bool
is_still_there(int fd, const char *path)
{
	struct stat ours, theirs;

	return fstat(fd, &ours) == 0 && lstat(path, &theirs) == 0 &&
	    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Whoever owns the folder could have made it a link to a file of root's. */
static bool
is_ours_alone(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return false;
	errno = EMLINK;
	return S_ISREG(status.st_mode) && status.st_nlink <= 1;
}

static struct flock
whole_file(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

/* flock(2) is for those who look at the file; anybody who may read it can take
 * that lock, so it is not what counts. */
static bool
lock(int fd)
{
	struct flock lock = whole_file(F_WRLCK);

	if (fcntl(fd, F_SETLK, &lock) == -1)
		return false;
	flock(fd, LOCK_EX | LOCK_NB);
	return true;
}

/* Only what may write the file can hold a lock that keeps readers out. */
static bool
is_locked_by_instance(int fd)
{
	struct flock lock = whole_file(F_RDLCK);

	return fcntl(fd, F_GETLK, &lock) == -1 || lock.l_type != F_UNLCK;
}

/* Mode 0600 until it is locked: who cannot open a file cannot lock it. A file
 * that a reader has locked is replaced, or else used without a lock. */
static int
open_locked(const char *path)
{
	int fd;

	for (;;) {
		fd = open(path,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
		if (fd == -1)
			return -1;
		if (!is_ours_alone(fd))
			break;
		if (lock(fd)) {
			if (is_still_there(fd, path))
				return fd;
		} else if (is_locked_by_instance(fd)) {
			errno = EWOULDBLOCK;
			break;
		} else if (is_still_there(fd, path) && unlink(path) == -1) {
			return fd;
		}
		close(fd);
	}
	descriptor_close(&fd);
	return -1;
}

int
pid_file_open(const char *path)
{
	int fd = open_locked(path);

	if (fd == -1)
		return -1;
	if (fchown(fd, geteuid(), getegid()) == 0 && fchmod(fd, 0644) == 0 &&
	    ftruncate(fd, 0) == 0 && dprintf(fd, "%d\n", (int)getpid()) > 0)
		return fd;
	descriptor_close(&fd);
	return -1;
}

void
pid_file_close(const char *path, int *fd)
{
	if (*fd == -1)
		return;
	if (ftruncate(*fd, 0) == 0 && is_still_there(*fd, path))
		unlink(path);
	descriptor_close(fd);
}
