#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
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

void
descriptor_close_others(const int kept[], size_t count)
{
	int from = STDERR_FILENO + 1;

	while (from < INT_MAX) {
		int next = lowest_from(from, kept, count);

		if (from < next)
			syscall(SYS_close_range, from, next - 1, 0);
		from = next < INT_MAX ? next + 1 : next;
	}
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
