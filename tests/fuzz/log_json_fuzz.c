/* SPDX-License-Identifier: MIT */
#include "master/log_json.h"

#include "fuzz.h"
#include "json_check.h"

enum { LINE_SIZE = 1998 };

static size_t
count(const char *line, const char *key)
{
	size_t found = 0;

	for (; (line = strstr(line, key)) != NULL; line++)
		found++;
	return found;
}

/* Whatever a child says, a line is an object of JSON in ASCII, short enough,
 * and says itself when and by whom it was written. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct log_json head = { "2026-11-23T06:01:55.123Z",
		LOG_LEVEL_WARNING, "worker 255" };
	char *words = (char *)fuzz_copy(span_of(bytes, length));
	char line[LINE_SIZE];
	size_t written;

	memmove(words, words + 1, length);
	words[length] = '\0';
	written = log_json_format(line, sizeof line, &head, words);
	FUZZ_CHECK(written < sizeof line && strlen(line) == written);
	FUZZ_CHECK(json_value(line) == line + written);
	FUZZ_CHECK(count(line, "\"time\":") == 1);
	FUZZ_CHECK(count(line, "\"level\":") == 1);
	FUZZ_CHECK(count(line, "\"process\":\"worker 255\",\"message\":") == 1);
	free(words);
	return 0;
}
