/* SPDX-License-Identifier: MIT */
#include "start/background.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"

static _Noreturn void
wait_until_ready(int fd, pid_t child)
{
	char ready;
	int status;

	if (read(fd, &ready, 1) == 1)
		_exit(EXIT_SUCCESS);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(EXIT_FAILURE);
}

int
background_begin(void)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	if ((child = fork()) == -1) {
		descriptor_close(&ends[0]);
		descriptor_close(&ends[1]);
		return -1;
	}
	if (child > 0) {
		close(ends[1]);
		wait_until_ready(ends[0], child);
	}
	setsid();
	descriptor_close_others(&ends[1], 1);
	return ends[1];
}

void
background_ready(int *ready_fd, bool keep_stderr)
{
	int null_fd = descriptor_null();

	if (null_fd != -1) {
		dup2(null_fd, STDIN_FILENO);
		dup2(null_fd, STDOUT_FILENO);
		if (!keep_stderr)
			dup2(null_fd, STDERR_FILENO);
		if (null_fd > STDERR_FILENO)
			close(null_fd);
	}
	if (chdir("/") == -1 || write(*ready_fd, "", 1) == -1)
		_exit(EXIT_FAILURE);
	descriptor_close(ready_fd);
}
