/* SPDX-License-Identifier: MIT */
/* text_lines.h - lines of bounded length, for terminals. Pure. */

#ifndef TEXT_LINES_H
#define TEXT_LINES_H

#include "status/output.h"

enum { TEXT_COLUMNS = 100 };

/* A line; what is behind the last column is cut. Printable ASCII only. */
void text_line(struct output *output, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As many lines as the words need, all of them indented. Words of strangers:
 * bytes that are not printable ASCII are escaped. */
void text_wrap(struct output *output, unsigned indent, const char *words);

/* By value, as quantity.h. */
struct text_part {
	char text[TEXT_COLUMNS + 1];
};

/* Escaped, and cut with "..." where it is wider. */
struct text_part text_cut(const char *words, unsigned width);

#endif
