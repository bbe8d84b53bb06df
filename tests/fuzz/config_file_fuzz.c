/* SPDX-License-Identifier: MIT */
#include "config/config_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "config/options.h"
#include "config_check.h"

/* The file that -config names, with the input in it. */
static char path[64];

static int
open_file(void)
{
	int fd = memfd_create("config", MFD_CLOEXEC);

	if (fd == -1)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return fd;
}

static void
write_file(int fd, struct span input)
{
	if (ftruncate(fd, 0) == -1 ||
	    pwrite(fd, input.bytes, input.length, 0) != (ssize_t)input.length)
		abort();
}

static bool
load(struct config *config, struct text *error)
{
	static char program[] = "handyproxy", option[] = "-config";
	char *arguments[] = { program, option, path, NULL };

	return options_load(config, 3, arguments, "/nowhere", error);
}

static void
count_change(enum option_scope scope, const char *name, void *context)
{
	(void)scope, (void)name;
	(*(unsigned *)context)++;
}

/* It names the file and a line that it has. */
static void
check_place(const char *words, struct span input)
{
	unsigned long number, lines = 1;
	char *end;

	if (words[0] == '-') /* options that do not fit together */
		return;
	for (size_t i = 0; i < input.length; i++)
		lines += input.bytes[i] == '\n';
	FUZZ_CHECK(strncmp(words, path, strlen(path)) == 0);
	FUZZ_CHECK(words[strlen(path)] == ':');
	number = strtoul(words + strlen(path) + 1, &end, 10);
	FUZZ_CHECK(number >= 1 && number <= lines);
	FUZZ_CHECK(strncmp(end, ": ", 2) == 0);
}

/* The last of a repeated option wins, so a file twice is the file once, unless
 * it has options that add up. */
static void
check_twice(const struct config *wanted, int fd, struct span input)
{
	static struct config again;
	static char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);
	unsigned changes = 0;

	if (wanted->routes.count > 0)
		return;
	if (pwrite(fd, "\n", 1, (off_t)input.length) != 1 ||
	    pwrite(fd, input.bytes, input.length, (off_t)input.length + 1) !=
		(ssize_t)input.length)
		abort();
	FUZZ_CHECK(load(&again, &error));
	options_compare(wanted, &again, count_change, &changes);
	FUZZ_CHECK(changes == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct config config;
	static char words[LOG_WORDS_SIZE];
	static int fd = -1;
	struct span input = span_of(bytes, length);
	struct text error = text_in(words, sizeof words);

	if (fd == -1)
		fd = open_file();
	write_file(fd, input);
	if (load(&config, &error)) {
		check_config(&config);
		FUZZ_CHECK(strcmp(config.config_file, path) == 0);
		check_twice(&config, fd, input);
	} else {
		check_error(words);
		check_place(words, input);
	}
	return 0;
}
