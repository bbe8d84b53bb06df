/* SPDX-License-Identifier: MIT */
/* tls_client_hello_corpus.c - writes the corpus of tls_client_hello_fuzz into
 * the folder it is given:
 *
 *   cc -D_GNU_SOURCE -Isrc -o corpus tests/fuzz/tls_client_hello_corpus.c
 *   ./corpus tests/fuzz/corpus/tls_client_hello */

#include <stdio.h>
#include <stdlib.h>

#include "../unit/tls_client_hello_builder.h"
#include "../unit/tls_client_hello_captured.h"

#define NAME "www.example.com"

static struct built message, stream;

static void
write_stream(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (file == NULL ||
	    fwrite(stream.bytes, 1, stream.length, file) != stream.length ||
	    fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void
write_message(const char *folder, const char *name, size_t record_size)
{
	build_records(&stream, &message, record_size);
	write_stream(folder, name);
}

static void
write_captured(const char *folder)
{
	char name[40];

	for (size_t i = 0;
	     i < sizeof captured_hellos / sizeof captured_hellos[0]; i++) {
		build_captured(&stream, captured_hellos[i].hexadecimal, NAME);
		snprintf(name, sizeof name, "client-%zu", i + 1);
		write_stream(folder, name);
	}
}

static void
write_built(const char *folder)
{
	size_t extension, list;

	build_hello(&message, NAME, 4);
	write_message(folder, "one-record", message.length);
	write_message(folder, "records-of-1", 1);
	write_message(folder, "records-of-50", 50);

	build_hello(&message, "127.1", 4);
	write_message(folder, "address", message.length);

	hello_begin(&message);
	hello_end(&message);
	write_message(folder, "no-extensions", message.length);

	hello_begin(&message);
	extension = extension_begin(&message, EXTENSION_SERVER_NAME);
	list = length_begin(&message, 2);
	put_name(&message, 7, "other");
	put_name(&message, 0, NAME);
	length_end(&message, list, 2);
	extension_end(&message, extension);
	hello_end(&message);
	write_message(folder, "another-type-first", message.length);
}

int
main(int count, char **arguments)
{
	if (count != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
		return 2;
	}
	write_captured(arguments[1]);
	write_built(arguments[1]);
	return 0;
}
