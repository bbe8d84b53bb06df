/* SPDX-License-Identifier: MIT */
#include "top/screen.h"

#include <stdarg.h>

enum { LINE_SIZE = 1024 };

void
screen_begin(
    struct screen *screen, struct text *text, unsigned rows, unsigned columns)
{
	*screen = (struct screen){
		.text = text,
		.rows = rows,
		.columns = columns,
	};
	*text = text_in(text->bytes, text->size);
	text_append(text, "\033[H");
}

/* The last column stays empty: what a terminal does behind it differs. */
static void
fit(struct text *line, size_t width, bool is_filled)
{
	if (line->length > width)
		line->length = width;
	line->bytes[line->length] = '\0';
	for (size_t i = 0; i < line->length; i++) {
		unsigned char byte = (unsigned char)line->bytes[i];

		if (byte < ' ' || byte >= 0x7f)
			line->bytes[i] = '?';
	}
	while (is_filled && line->length < width)
		text_append(line, " ");
}

static void
append(struct screen *screen, enum screen_style style, struct text *line)
{
	static const char *const begins[] = { "", "\033[1m", "\033[7m" };
	size_t width = screen->columns - 1;

	if (width > line->size - 1)
		width = line->size - 1;
	fit(line, width, style == SCREEN_REVERSE);
	text_format(screen->text, "%s%s%s%s\033[K",
	    screen->row > 0 ? "\r\n" : "", begins[style], line->bytes,
	    style != SCREEN_PLAIN ? "\033[0m" : "");
	screen->row++;
}

void
screen_line(
    struct screen *screen, enum screen_style style, const char *format, ...)
{
	char bytes[LINE_SIZE];
	struct text line = text_in(bytes, sizeof bytes);
	va_list list;

	if (screen->row >= screen->rows)
		return;
	va_start(list, format);
	text_format_list(&line, format, list);
	va_end(list);
	append(screen, style, &line);
}

unsigned
screen_left(const struct screen *screen, unsigned reserved)
{
	return screen->row + reserved < screen->rows
	    ? screen->rows - screen->row - reserved
	    : 0;
}

void
screen_end(struct screen *screen, const char *words)
{
	text_append(screen->text, "\033[J");
	while (screen_left(screen, 1) > 0)
		screen_line(screen, SCREEN_PLAIN, "%s", "");
	screen_line(screen, SCREEN_PLAIN, "%s", words);
}
