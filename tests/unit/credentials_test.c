/* SPDX-License-Identifier: MIT */
#include "config/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char path[] = "/tmp/handyproxy-credentials-XXXXXX";

static void
write_file(const void *bytes, size_t length, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (fd == -1 || write(fd, bytes, length) != (ssize_t)length ||
	    fchmod(fd, mode) == -1)
		abort();
	close(fd);
}

/* The encoded form, or "" and the reason in words. */
static const char *
read_file(char words[256])
{
	static struct credentials credentials;
	struct text error = text_in(words, 256);

	memset(&credentials, 0, sizeof credentials);
	credentials.count = 1;
	strcpy(credentials.list[0].path, path);
	words[0] = '\0';
	return credentials_read(&credentials, &error)
	    ? credentials.list[0].encoded
	    : "";
}

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A255 A50 A50 A50 A50 A50 "aaaaa"
/* The base64 of 255 times a, a colon, and 255 times a is what it is; its
 * length tells that nothing was cut. */
#define LONGEST_LENGTH 684

static void
two_lines_are_user_and_password(void)
{
	static const struct {
		struct span file;
		const char *encoded;
	} rows[] = {
#define ROW(text, encoded) \
	{ { (const unsigned char *)(text), sizeof(text) - 1 }, encoded }
		ROW("u\np\n", "dTpw"),
		ROW("u\np", "dTpw"),
		ROW("u\r\np\r\n", "dTpw"),
		ROW("u\np\n\n", "dTpw"),
		ROW("u\r\np\r\n\r\n", "dTpw"),
		ROW("u\n\n", "dTo="),
		ROW("u\n\n\n", "dTo="),
		ROW(" u \n p: \n", "IHUgOiBwOiA="),
		ROW("\xc3\xa4\n\xff\n", "w6Q6/w=="),
		ROW("Aladdin\nopen sesame\n", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
	};
	char words[256];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_file(rows[i].file.bytes, rows[i].file.length, 0640);
		CHECK_ROW(strcmp(read_file(words), rows[i].encoded) == 0,
		    rows[i].encoded);
	}
	write_file(A255 "\n" A255 "\n", 512, 0600);
	CHECK(strlen(read_file(words)) == LONGEST_LENGTH);
	write_file(A255 "\r\n" A255 "\r\n\r\n", 516, 0600);
	CHECK(strlen(read_file(words)) == LONGEST_LENGTH);
}

/* The reason names the file and has no word of it. */
static void
anything_else_is_an_error_that_tells_nothing(void)
{
	static const struct span rows[] = {
#define BAD(text) { (const unsigned char *)(text), sizeof(text) - 1 }
		BAD(""),
		BAD("sesame"),
		BAD("sesame\n"),
		BAD("\nsesame\n"),
		BAD("u:sesame\np\n"),
		BAD("u\nsesame\nx"),
		BAD("u\nsesame\n\n\n"),
		BAD("u\nsesame\n\nx"),
		BAD("u\nsesame\n \n"),
		BAD("u\nsesame\n\r"),
		BAD("u\nses\0ame\n"),
		BAD("u\nses\rame\n"),
		BAD("u\nsesame\r"),
		BAD("u\tsesame\np\n"),
		BAD("u\nsesame\x7f\n"),
		BAD(A255 "a\nsesame\n"),
		BAD("sesame\n" A255 "a\n"),
		BAD("sesame\n" A255 A255 A255 "\n"),
	};
	char words[256];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_file(rows[i].bytes, rows[i].length, 0600);
		CHECK_ROW(
		    read_file(words)[0] == '\0', (const char *)rows[i].bytes);
		CHECK_ROW(strstr(words, path) != NULL, words);
		CHECK_ROW(strstr(words, "expected") != NULL, words);
		CHECK_ROW(strstr(words, "sesame") == NULL, words);
	}
}

static void
a_file_that_others_may_use_is_refused(void)
{
	char words[256];

	for (mode_t other = 1; other <= 7; other++) {
		write_file("u\np\n", 4, 0640 | other);
		CHECK(read_file(words)[0] == '\0');
		CHECK(strstr(words, "permissions") != NULL);
	}
}

static void
only_a_regular_file_is_read(void)
{
	char words[256];

	unlink(path);
	CHECK(read_file(words)[0] == '\0');
	CHECK(strstr(words, strerror(ENOENT)) != NULL);
	CHECK(mkfifo(path, 0600) == 0);
	CHECK(read_file(words)[0] == '\0'); /* and does not wait */
	CHECK(strstr(words, "regular file") != NULL);
	unlink(path);
	CHECK(mkdir(path, 0700) == 0);
	CHECK(read_file(words)[0] == '\0');
	rmdir(path);
}

static void
set_row(struct credential *row, const char *host, uint16_t port)
{
	strcpy(row->host, host);
	row->port = port;
}

static void
the_nearest_are_an_upstreams(void)
{
	static struct credentials credentials = { .count = 3 };
	static const struct {
		struct config_upstream upstream;
		int row;
	} rows[] = {
		{ { "a", 3128 }, 2 },
		{ { "A", 3128 }, 2 },
		{ { "a", 8080 }, 1 },
		{ { "b", 3128 }, 0 },
	};

	set_row(&credentials.list[1], "a", 0);
	set_row(&credentials.list[2], "a", 3128);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(credentials_find(&credentials, &rows[i].upstream) ==
			&credentials.list[rows[i].row],
		    rows[i].upstream.host);
	set_row(&credentials.list[0], "c", 0);
	CHECK(credentials_find(&credentials, &rows[3].upstream) == NULL);
}

enum { STACK_SIZE = 1 << 18 };

static void *
read_in_thread(void *words)
{
	read_file(words);
	return NULL;
}

/* A thread that has a stack of ours: what it leaves there can be looked at. */
static void
run_on(unsigned char *stack, char words[256])
{
	pthread_attr_t attributes;
	pthread_t thread;

	if (pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstack(&attributes, stack, STACK_SIZE) != 0 ||
	    pthread_create(&thread, &attributes, read_in_thread, words) != 0 ||
	    pthread_join(thread, NULL) != 0)
		abort();
	pthread_attr_destroy(&attributes);
}

static void
no_stack_keeps_a_password(void)
{
	static const struct span rows[] = {
		BAD("alice\nopen sesame\n"),
		BAD("alice\nopen sesame\nx"), /* an error */
	};
	unsigned char *stack = NULL;
	char words[256];

	if (posix_memalign((void **)&stack, 1 << 16, STACK_SIZE) != 0)
		abort();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_file(rows[i].bytes, rows[i].length, 0600);
		memset(stack, 0, STACK_SIZE);
		run_on(stack, words);
		CHECK_ROW(memmem(stack, STACK_SIZE, "sesame", 6) == NULL,
		    (const char *)rows[i].bytes);
	}
	free(stack);
}

static void
wiping_leaves_nothing_of_a_secret(void)
{
	static struct credentials credentials = { .count = 1 };
	static const char zeros[CREDENTIALS_ENCODED_SIZE];
	char words[256];
	struct text error = text_in(words, sizeof words);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	close(fd);
	write_file("u\np\n", 4, 0600);
	strcpy(credentials.list[0].path, path);
	CHECK(credentials_read(&credentials, &error));
	CHECK(credentials.list[0].encoded[0] != '\0');
	credentials_wipe(&credentials);
	CHECK(memcmp(credentials.list[0].encoded, zeros, sizeof zeros) == 0);
	unlink(path);
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd == -1)
		return 1;
	close(fd);
	RUN(two_lines_are_user_and_password);
	RUN(anything_else_is_an_error_that_tells_nothing);
	RUN(a_file_that_others_may_use_is_refused);
	RUN(no_stack_keeps_a_password);
	RUN(only_a_regular_file_is_read);
	RUN(the_nearest_are_an_upstreams);
	RUN(wiping_leaves_nothing_of_a_secret);
	return check_report();
}
