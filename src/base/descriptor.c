/* SPDX-License-Identifier: MIT */
#include "base/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/system_call.h"

void
descriptor_close(int *fd)
{
	int saved_errno = errno;

	if (*fd != -1)
		close(*fd);
	*fd = -1;
	errno = saved_errno;
}

void
descriptor_retire(int *fd)
{
	if (*fd != -1 && dup3(STDIN_FILENO, *fd, O_CLOEXEC) == -1)
		close(*fd);
	*fd = -1;
}

/* The lowest kept descriptor from `from` on; INT_MAX: there is none. */
static int
lowest_from(int from, const int kept[], size_t count)
{
	int lowest = INT_MAX;

	for (size_t i = 0; i < count; i++) {
		if (kept[i] >= from && kept[i] < lowest)
			lowest = kept[i];
	}
	return lowest;
}

/* The highest number that is open, or may be. */
static int
highest_open(void)
{
	enum { WITHOUT_PROC = 65535 };
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	int highest = 0;

	if (folder == NULL)
		return WITHOUT_PROC;
	while ((entry = readdir(folder)) != NULL) {
		if (atoi(entry->d_name) > highest)
			highest = atoi(entry->d_name);
	}
	closedir(folder);
	return highest;
}

/* Both ends are included. Linux before 5.9 has no close_range(2). */
static void
close_from_to(int first, int last)
{
	int highest;

	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
	highest = highest_open();
	for (int fd = first; fd <= last && fd <= highest; fd++)
		close(fd);
}

void
descriptor_close_others(const int kept[], size_t count)
{
	int from = STDERR_FILENO + 1;

	while (from < INT_MAX) {
		int next = lowest_from(from, kept, count);

		if (from < next)
			close_from_to(from, next - 1);
		from = next < INT_MAX ? next + 1 : next;
	}
}

int
descriptor_null(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), ends[2];

	if (fd != -1 || pipe2(ends, O_CLOEXEC) == -1)
		return fd;
	close(ends[1]);
	return ends[0];
}

int
descriptor_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

int
descriptor_pipe(int *read_fd, int *write_fd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	*read_fd = ends[0];
	*write_fd = ends[1];
	return 0;
}

int
descriptor_unacknowledged(int fd)
{
	int bytes;

	return ioctl(fd, SIOCOUTQ, &bytes) == -1 ? -1 : bytes;
}

int
descriptor_socket_error(int fd)
{
	int error = 0;
	socklen_t length = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
		return errno;
	return error;
}
