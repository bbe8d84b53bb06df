/* SPDX-License-Identifier: MIT */
/* harness.c - drives a fuzz target where libFuzzer is not: first each file of
 * the corpus as it is, then mutations of them. The same seed, files and number
 * of mutations are the same run.
 *
 *   NAME_fuzz [-runs N] [-seed S] [-seconds T] FILE_OR_DIR...
 *
 * N mutations (20000; with -seconds alone as many as T seconds allow). An
 * input that makes the target fail is left in ./crash-NAME: replay it with
 * -runs 0. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define DEFAULT_RUNS 20000
#define INPUT_MAX_LENGTH (24 * 1024)
#define HANG_SECONDS 30
#define RUNS_PER_LOOK 256 /* at the clock */

struct input {
	size_t length;
	unsigned char bytes[INPUT_MAX_LENGTH];
};

struct options {
	unsigned long long runs;
	unsigned long long seed;
	unsigned long long seconds; /* 0: no limit */
};

static struct input **corpus;
static size_t corpus_count;

/* For the handlers: what the target is at, and where that is to be left. */
static struct input current;
static char crash_path[NAME_MAX + 1];

/* Only calls that are safe in a signal handler. */
static void
leave_input(void)
{
	static const char left[] = "# the input was left in ./";
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t written = -1;

	if (fd != -1)
		written = write(fd, current.bytes, current.length);
	if (written == (ssize_t)current.length &&
	    write(STDERR_FILENO, left, sizeof left - 1) > 0 &&
	    write(STDERR_FILENO, crash_path, strlen(crash_path)) > 0)
		written = write(STDERR_FILENO, "\n", 1);
	close(fd);
}

static void
on_fatal_signal(int number)
{
	leave_input();
	signal(number, SIG_DFL);
	raise(number);
}

/* A sanitizer's report ends the program without a signal. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static void
catch_failures(void)
{
	static const int numbers[] = { SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL,
		SIGSEGV };
	struct sigaction action = { .sa_handler = on_fatal_signal };
	struct sigaction old;

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		sigaction(numbers[i], NULL, &old);
		if (old.sa_handler == SIG_DFL)
			sigaction(numbers[i], &action, NULL);
	}
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(leave_input);
}

static _Noreturn void
fail(const char *which, const char *what)
{
	fprintf(stderr, "%s: %s\n", which, what);
	exit(2);
}

static void *
allocate(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (new == NULL)
		fail("corpus", "no memory");
	return new;
}

static void
corpus_add_file(const char *path)
{
	struct input *input = allocate(NULL, sizeof *input);
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		fail(path, strerror(errno));
	input->length = fread(input->bytes, 1, sizeof input->bytes, file);
	if (ferror(file) || fgetc(file) != EOF)
		fail(path, "cannot be read, or is too long");
	fclose(file);
	corpus = allocate(corpus, (corpus_count + 1) * sizeof corpus[0]);
	corpus[corpus_count++] = input;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A folder's files in the order of their names, for the seed's sake. */
static void
corpus_add(const char *path)
{
	struct dirent **entries;
	struct stat status;
	char file[PATH_MAX];
	int count;

	if (stat(path, &status) == -1)
		fail(path, strerror(errno));
	if (!S_ISDIR(status.st_mode)) {
		corpus_add_file(path);
		return;
	}
	count = scandir(path, &entries, is_visible, alphasort);
	if (count == -1)
		fail(path, strerror(errno));
	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
		corpus_add_file(file);
		free(entries[i]);
	}
	free(entries);
}

/* Makes room for `length` bytes at `at`; as many as fit. */
static size_t
insert_room(struct input *input, size_t at, size_t length)
{
	if (length > sizeof input->bytes - input->length)
		length = sizeof input->bytes - input->length;
	memmove(
	    input->bytes + at + length, input->bytes + at, input->length - at);
	input->length += length;
	return length;
}

static void
insert_run(struct input *input, uint64_t *state)
{
	size_t most = fuzz_random_below(state, 8) == 0 ? 2000 : 8;
	size_t at = fuzz_random_below(state, input->length + 1);
	size_t length =
	    insert_room(input, at, 1 + fuzz_random_below(state, most));

	memset(input->bytes + at, (int)fuzz_random_below(state, 256), length);
}

static void
insert_of_corpus(struct input *input, uint64_t *state)
{
	const struct input *other =
	    corpus[fuzz_random_below(state, corpus_count)];
	size_t from = fuzz_random_below(state, other->length + 1);
	size_t at = fuzz_random_below(state, input->length + 1);
	size_t length = insert_room(
	    input, at, fuzz_random_below(state, other->length - from + 1));

	memcpy(input->bytes + at, other->bytes + from, length);
}

static void
remove_run(struct input *input, uint64_t *state)
{
	size_t at = fuzz_random_below(state, input->length + 1);
	size_t length = fuzz_random_below(state, input->length - at + 1);

	memmove(input->bytes + at, input->bytes + at + length,
	    input->length - at - length);
	input->length -= length;
}

/* Bytes that mean something to one parser or the other. */
static unsigned char
telling_byte(uint64_t *state)
{
	static const unsigned char bytes[] =
	    "\0\1\2\x10\x16\x20\x40\x7f\x80\xff"
	    "\r\n\t :./?#@[]0129aAhHxX-_%";

	return bytes[fuzz_random_below(state, sizeof bytes - 1)];
}

static void
change_byte(struct input *input, uint64_t *state)
{
	unsigned char *byte;

	if (input->length == 0)
		return;
	byte = &input->bytes[fuzz_random_below(state, input->length)];
	switch (fuzz_random_below(state, 4)) {
	case 0:
		*byte ^= (unsigned char)(1 << fuzz_random_below(state, 8));
		break;
	case 1:
		*byte = (unsigned char)fuzz_random(state);
		break;
	case 2: /* a length that is wrong by a little */
		*byte =
		    (unsigned char)(*byte + fuzz_random_below(state, 9) - 4);
		break;
	default:
		*byte = telling_byte(state);
		break;
	}
}

/* `current` becomes one of the corpus, changed in one to four places. */
static void
mutate(uint64_t *state)
{
	size_t changes = 1 + fuzz_random_below(state, 4);

	current = *corpus[fuzz_random_below(state, corpus_count)];
	for (; changes > 0; changes--) {
		switch (fuzz_random_below(state, 8)) {
		case 0:
			insert_run(&current, state);
			break;
		case 1:
			insert_of_corpus(&current, state);
			break;
		case 2:
			remove_run(&current, state);
			break;
		default:
			change_byte(&current, state);
			break;
		}
	}
}

static bool
is_time_left(const struct options *options, unsigned long long run)
{
	static time_t end;
	struct timespec now;

	if (run % RUNS_PER_LOOK != 0)
		return true;
	alarm(HANG_SECONDS);
	if (options->seconds == 0)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (run == 0)
		end = now.tv_sec + (time_t)options->seconds;
	return now.tv_sec < end;
}

/* A block of the input's own size, so that a look beyond it is caught. */
static void
run_target(void)
{
	unsigned char *block =
	    fuzz_copy(span_of(current.bytes, current.length));

	LLVMFuzzerTestOneInput(block + 1, current.length);
	free(block);
}

static unsigned long long
run_mutations(const struct options *options)
{
	uint64_t state = options->seed;
	unsigned long long run = 0;

	while (run < options->runs && is_time_left(options, run)) {
		mutate(&state);
		run_target();
		run++;
	}
	return run;
}

static void
run_corpus(void)
{
	for (size_t i = 0; i < corpus_count; i++) {
		alarm(HANG_SECONDS);
		current = *corpus[i];
		run_target();
	}
}

static unsigned long long
number_of(const char *option, const char *text)
{
	char *end;
	unsigned long long number;

	errno = 0;
	if (text == NULL || text[0] < '0' || text[0] > '9')
		fail(option, "a number is expected");
	number = strtoull(text, &end, 10);
	if (*end != '\0' || errno != 0)
		fail(option, "a number is expected");
	return number;
}

/* Returns the first argument that is no option. */
static char **
read_options(struct options *options, char **arguments)
{
	bool runs_given = false;

	for (; arguments[0] != NULL && arguments[0][0] == '-'; arguments += 2) {
		if (strcmp(arguments[0], "-runs") == 0) {
			options->runs = number_of("-runs", arguments[1]);
			runs_given = true;
		} else if (strcmp(arguments[0], "-seed") == 0) {
			options->seed = number_of("-seed", arguments[1]);
		} else if (strcmp(arguments[0], "-seconds") == 0) {
			options->seconds = number_of("-seconds", arguments[1]);
		} else {
			fail(arguments[0], "no such option");
		}
	}
	if (options->seconds > 0 && !runs_given)
		options->runs = ULLONG_MAX;
	return arguments;
}

/* The program's name without the folder and without _fuzz. */
static const char *
target_name(char *program)
{
	char *slash = strrchr(program, '/');
	char *name = slash != NULL ? slash + 1 : program;
	char *suffix = strstr(name, "_fuzz");

	if (suffix != NULL)
		*suffix = '\0';
	return name;
}

int
main(int count, char **arguments)
{
	struct options options = { .runs = DEFAULT_RUNS, .seed = 1 };
	const char *name = target_name(arguments[0]);
	unsigned long long runs;

	(void)count;
	for (arguments = read_options(&options, arguments + 1);
	     *arguments != NULL; arguments++)
		corpus_add(*arguments);
	if (corpus_count == 0)
		fail(name, "no file of a corpus was given");
	snprintf(crash_path, sizeof crash_path, "crash-%s", name);
	catch_failures();
	run_corpus();
	runs = run_mutations(&options);
	printf("ok - %s fuzz: %zu files, %llu mutations (seed %llu)\n", name,
	    corpus_count, runs, options.seed);
	return 0;
}
