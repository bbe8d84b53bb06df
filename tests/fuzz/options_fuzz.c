/* SPDX-License-Identifier: MIT */
#include "config/options.h"

#include "config_check.h"

/* The input is a command line, its arguments ended by a byte 0 each. */

enum { ARGUMENTS_MAX = 64, LINE_SIZE = 32 * 1024 };

/* No file of the machine that the fuzzer runs on is ever read. */
static const char directory[] = "/nowhere/at all";

static void
forbid_absolute_path(char *argument)
{
	for (; *argument != '\0'; argument++) {
		if (*argument == '/')
			*argument = '_';
	}
}

/* Terminated as main's are; the bytes stay the caller's. */
static int
split(char *line, size_t length, char *arguments[ARGUMENTS_MAX + 2])
{
	static char program[] = "handyproxy";
	int count = 0;

	arguments[count++] = program;
	for (size_t at = 0; at < length && count <= ARGUMENTS_MAX;
	     at += strlen(line + at) + 1) {
		if (strstr(line + at, "config") != NULL ||
		    strstr(arguments[count - 1], "config") != NULL)
			forbid_absolute_path(line + at);
		arguments[count++] = line + at;
	}
	arguments[count] = NULL;
	return count;
}

static void
count_change(enum option_scope scope, const char *name, void *context)
{
	(void)scope, (void)name;
	(*(unsigned *)context)++;
}

/* What was accepted is set again, the same, on top of anything. */
static void
check_again(
    const struct config *wanted, int count, char *arguments[], bool loaded)
{
	static struct config again;
	static char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);
	unsigned changes = 0;

	memset(&again, 0xa5, sizeof again);
	FUZZ_CHECK(options_load(&again, count, arguments, directory, &error) ==
	    loaded);
	if (!loaded)
		return;
	options_compare(wanted, &again, count_change, &changes);
	FUZZ_CHECK(changes == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct config config;
	static char line[LINE_SIZE], words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);
	char *arguments[ARGUMENTS_MAX + 2];
	int count;
	bool loaded;

	if (length >= sizeof line)
		return 0;
	memcpy(line, bytes, length);
	line[length] = '\0';
	count = split(line, length, arguments);
	loaded = options_load(&config, count, arguments, directory, &error);
	if (loaded) {
		check_config(&config);
		FUZZ_CHECK(config.config_file[0] == '\0');
	} else {
		check_error(words);
		FUZZ_CHECK(strstr(words, "expected ") != NULL);
	}
	check_again(&config, count, arguments, loaded);
	return 0;
}
