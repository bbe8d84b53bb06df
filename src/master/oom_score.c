/* SPDX-License-Identifier: MIT */
#include "master/oom_score.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/descriptor.h"

enum { SCORE_MAX = 1000, TEXT_SIZE = 16 };

static bool
write_score(int fd, int score)
{
	char text[TEXT_SIZE];
	int length = snprintf(text, sizeof text, "%d", score);

	return pwrite(fd, text, (size_t)length, 0) == length;
}

void
oom_score_open(struct oom_score *score)
{
	char text[TEXT_SIZE] = "";

	score->fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	if (score->fd == -1)
		return;
	if (pread(score->fd, text, sizeof text - 1, 0) <= 0)
		descriptor_close(&score->fd);
	score->own = atoi(text);
}

void
oom_score_raise(const struct oom_score *score, int by)
{
	int raised = score->own + by;

	if (score->fd != -1 && by > 0)
		write_score(score->fd, raised < SCORE_MAX ? raised : SCORE_MAX);
}

void
oom_score_restore(const struct oom_score *score)
{
	if (score->fd != -1)
		write_score(score->fd, score->own);
}
