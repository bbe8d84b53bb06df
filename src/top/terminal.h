/* SPDX-License-Identifier: MIT */
/* terminal.h - the terminal of the live view: keys without a line end, its
 * size, and its old state again, however the program ends. -top. termios(3) */

#ifndef TOP_TERMINAL_H
#define TOP_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct terminal_size {
	unsigned rows, columns; /* 1 at least */
};

/* Takes the terminal over. Signals that end or stop this process give it back
 * first. */
void terminal_open(void);
void terminal_close(void);

struct terminal_size terminal_size(void);

/* False: the terminal is gone. */
bool terminal_write(const char *bytes, size_t length);

enum terminal_event {
	TERMINAL_KEY, /* *key is set */
	TERMINAL_TIMEOUT,
	TERMINAL_REDRAW, /* another size, or back from a stop */
	TERMINAL_GONE,
};

/* Waits until the time, of clock_now_ms(). */
enum terminal_event terminal_wait(int64_t until_ms, char *key);

#endif
