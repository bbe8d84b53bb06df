/* SPDX-License-Identifier: MIT */
/* screen.h - one picture of the live view, line by line, cut to the size of the
 * terminal. Only sequences that a VT100 knows. -top. Pure. */

#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include <stdbool.h>

#include "base/text.h"

enum screen_style { SCREEN_PLAIN, SCREEN_BOLD, SCREEN_REVERSE };

struct screen {
	struct text *text; /* what is to be written to the terminal */
	unsigned rows, columns; /* of the terminal */
	unsigned row; /* lines so far */
};

/* Begins a picture in the text, which is emptied. */
void screen_begin(
    struct screen *screen, struct text *text, unsigned rows, unsigned columns);

/* A line; nothing where the terminal is full. What is no printable ASCII
 * becomes a question mark. */
void screen_line(struct screen *screen, enum screen_style style,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Lines that are left but for the last so many. */
unsigned screen_left(const struct screen *screen, unsigned reserved);

/* Clears what is below, and puts the words into the last line. */
void screen_end(struct screen *screen, const char *words);

#endif
