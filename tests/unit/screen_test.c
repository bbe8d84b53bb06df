/* SPDX-License-Identifier: MIT */
/* screen_test.c - pictures fit into any terminal, and obey no bytes of others.
 */

#include "top/screen.h"

#include <string.h>

#include "check.h"

static char bytes[65536];
static struct text text;
static struct screen screen;

static void
begin(unsigned rows, unsigned columns)
{
	text = text_in(bytes, sizeof bytes);
	screen_begin(&screen, &text, rows, columns);
}

static void
a_picture_has_its_lines_and_the_last_one_below(void)
{
	begin(4, 20);
	screen_line(&screen, SCREEN_BOLD, "all well");
	screen_line(&screen, SCREEN_REVERSE, "%d", 7);
	CHECK(screen_left(&screen, 1) == 1);
	screen_end(&screen, "q quits");
	CHECK(strcmp(bytes,
		  "\033[H\033[1mall well\033[0m\033[K"
		  "\r\n\033[7m7                  \033[0m\033[K"
		  "\033[J\r\n\033[K\r\nq quits\033[K") == 0);
}

/* The widest line that comes, and the number of lines. */
static void
measure(unsigned *widest, unsigned *lines)
{
	unsigned width = 0;

	*widest = 0;
	*lines = 1;
	for (const char *byte = bytes; *byte != '\0'; byte++) {
		if (*byte == '\033') {
			while (strchr("HJKm", byte[1]) == NULL)
				byte++;
			byte++;
		} else if (*byte == '\r') {
			width = 0;
		} else if (*byte == '\n') {
			++*lines;
		} else if (++width > *widest) {
			*widest = width;
		}
	}
}

static void
a_picture_fits_into_any_size(void)
{
	unsigned widest, lines;

	for (unsigned rows = 1; rows <= 12; rows++) {
		for (unsigned columns = 1; columns <= 60; columns++) {
			begin(rows, columns);
			for (unsigned i = 0; i < 15; i++)
				screen_line(&screen, (enum screen_style)(i % 3),
				    "%050u", i);
			screen_end(&screen, "the last line of this picture");
			measure(&widest, &lines);
			CHECK(widest < columns || widest == 0);
			CHECK(lines <= rows);
		}
	}
	begin(500, 2000);
	screen_line(&screen, SCREEN_REVERSE, "%0900u", 1);
	screen_end(&screen, "");
	CHECK(text.length < sizeof bytes);
}

static void
control_characters_are_not_sent(void)
{
	begin(2, 80);
	screen_line(&screen, SCREEN_PLAIN, "a\033]0;b\a\r\n\x9b\x7f\xc3\xa4");
	screen_end(&screen, "");
	CHECK(strncmp(bytes, "\033[Ha?]0;b???????\033[K", 19) == 0);
}

int
main(void)
{
	RUN(a_picture_has_its_lines_and_the_last_one_below);
	RUN(a_picture_fits_into_any_size);
	RUN(control_characters_are_not_sent);
	return check_report();
}
