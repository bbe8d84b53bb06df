/* SPDX-License-Identifier: MIT */
#include "master/stderr_line.h"

#include <string.h>

static void
take(struct stderr_line *line, size_t length, size_t used, char *words)
{
	memcpy(words, line->bytes, length);
	words[length] = '\0';
	line->length -= used;
	memmove(line->bytes, line->bytes + used, line->length);
}

bool
stderr_line_next(struct stderr_line *line, char words[STDERR_LINE_SIZE + 1])
{
	const char *end = memchr(line->bytes, '\n', line->length);

	if (end == NULL) {
		if (line->length < STDERR_LINE_SIZE)
			return false;
		return stderr_line_rest(line, words);
	}
	take(line, (size_t)(end - line->bytes), (size_t)(end - line->bytes) + 1,
	    words);
	return true;
}

bool
stderr_line_rest(struct stderr_line *line, char words[STDERR_LINE_SIZE + 1])
{
	bool any = line->length > 0;

	take(line, line->length, line->length, words);
	return any;
}
