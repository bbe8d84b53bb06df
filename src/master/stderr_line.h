/* SPDX-License-Identifier: MIT */
/* stderr_line.h - cuts what a child writes to its standard error into lines.
 * Pure. Master only. */

#ifndef STDERR_LINE_H
#define STDERR_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum { STDERR_LINE_SIZE = 512 };

/* What was read and is not yet a whole line; all bytes 0: nothing. There is
 * always room for more once stderr_line_next() has been false. */
struct stderr_line {
	size_t length;
	char bytes[STDERR_LINE_SIZE];
};

/* Takes the first line, or as much as there is room for, without its end; false
 * where there is none. The words are terminated. */
bool stderr_line_next(
    struct stderr_line *line, char words[STDERR_LINE_SIZE + 1]);

/* Takes what has no end. */
bool stderr_line_rest(
    struct stderr_line *line, char words[STDERR_LINE_SIZE + 1]);

#endif
