/* SPDX-License-Identifier: MIT */
/* What -top shows of any answer: within the terminal, and nothing that a
 * terminal obeys but its own sequences. */

#include "top/view.h"

#include "fuzz.h"

static struct view view;
static char picture[64 * 1024];

/* -top's own: ESC [ and a letter of these. */
static const char *
skip_sequence(const char *byte)
{
	FUZZ_CHECK(byte[1] == '[');
	for (byte += 2; *byte >= '0' && *byte <= '9';)
		byte++;
	FUZZ_CHECK(*byte != '\0' && strchr("HJKm", *byte) != NULL);
	return byte + 1;
}

static void
check_picture(unsigned rows, unsigned columns)
{
	unsigned width = 0, lines = 1;
	const char *byte = picture;

	while (*byte != '\0') {
		if (*byte == '\033') {
			byte = skip_sequence(byte);
			continue;
		}
		if (*byte == '\n')
			lines++;
		width = *byte == '\r' || *byte == '\n' ? 0 : width + 1;
		FUZZ_CHECK(*byte == '\r' || *byte == '\n' ||
		    (*byte >= ' ' && *byte < 0x7f));
		FUZZ_CHECK(width < columns || width == 0);
		byte++;
	}
	FUZZ_CHECK(lines <= rows);
}

static void
draw(unsigned rows, unsigned columns)
{
	struct text text = text_in(picture, sizeof picture);
	struct screen screen;

	screen_begin(&screen, &text, rows, columns);
	view_draw(&view, &screen);
	FUZZ_CHECK(text.length < sizeof picture - 1);
	check_picture(rows, columns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	unsigned char *block = fuzz_copy(span_of(bytes, length));
	struct span json = span_of(block + 1, length);
	uint64_t state = fuzz_hash(json);

	memset(&view, 0, sizeof view);
	view_read(&view, json);
	view.order = (enum row_order)fuzz_random_below(&state, ROW_ORDERS);
	view.group = (enum row_group)fuzz_random_below(&state, 3);
	view.count = rows_read(json, view.group, view.order, view.rows);
	draw(24, 80);
	draw(1 + (unsigned)fuzz_random_below(&state, 60),
	    1 + (unsigned)fuzz_random_below(&state, 200));
	free(block);
	return 0;
}
