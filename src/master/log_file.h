/* SPDX-License-Identifier: MIT */
/* log_file.h - a file that lines of the log are appended to. The master and the
 * writer of the log file. */

#ifndef LOG_FILE_H
#define LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct log_file {
	int fd; /* owned */
	bool cut; /* the last line lost its end */
};

/* Whose a file becomes that is made at the start, when we may be root; uid -1:
 * it stays ours. */
struct log_file_owner {
	uid_t uid;
	gid_t gid;
};

/* Links are not followed; at the start, with an owner, a file with a second
 * name is refused. -1 with errno; the caller owns the descriptor. */
int log_file_open(const char *path, const struct log_file_owner *owner);

/* Appends lines, each with its end. Returns how many bytes of whole lines are
 * in the file: less where the disk is full. A line that lost its end counts as
 * not written, and is ended before the next one. */
size_t log_file_write(struct log_file *file, const char *lines, size_t length);

#endif
