/* SPDX-License-Identifier: MIT */
/* tls_client_hello_builder.h - writes ClientHellos, right and wrong ones, for
 * the unit test and for the fuzzer's corpus. */

#ifndef TLS_CLIENT_HELLO_BUILDER_H
#define TLS_CLIENT_HELLO_BUILDER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define RECORD_HEADER_LENGTH 5
#define EXTENSION_SERVER_NAME 0
#define EXTENSION_PADDING 21
#define EXTENSION_KEY_SHARE 51
#define EXTENSION_GREASE 0x7a7a
#define EXTENSION_ENCRYPTED_CLIENT_HELLO 0xfe0d

struct built {
	unsigned char bytes[96 * 1024];
	size_t length;
	size_t name_end; /* behind the first host name's last byte; 0: none */
};

static inline void
put(struct built *built, const void *bytes, size_t length)
{
	if (length > sizeof built->bytes - built->length)
		abort();
	memcpy(built->bytes + built->length, bytes, length);
	built->length += length;
}

static inline void
put_fill(struct built *built, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(built, &(unsigned char){ (unsigned char)i }, 1);
}

static inline void
patch_number(struct built *built, size_t at, size_t width, size_t number)
{
	for (size_t i = 0; i < width; i++)
		built->bytes[at + i] =
		    (unsigned char)(number >> 8 * (width - 1 - i));
}

static inline void
put_number(struct built *built, size_t width, size_t number)
{
	put(built, "\0\0\0\0", width);
	patch_number(built, built->length - width, width, number);
}

/* A length to be set by length_end, once what it counts is there. */
static inline size_t
length_begin(struct built *built, size_t width)
{
	put_number(built, width, 0);
	return built->length;
}

static inline void
length_end(struct built *built, size_t begin, size_t width)
{
	patch_number(built, begin - width, width, built->length - begin);
}

/* Where the lengths of a built hello stand, from the message's first byte. */
enum {
	HELLO_LENGTH_AT = 1,
	HELLO_SESSION_ID_AT = HELLO_LENGTH_AT + 3 + 2 + 32,
	HELLO_SUITES_AT = HELLO_SESSION_ID_AT + 1 + 32,
	HELLO_COMPRESSION_AT = HELLO_SUITES_AT + 2 + 6,
	HELLO_EXTENSIONS_AT = HELLO_COMPRESSION_AT + 1 + 1,
};

/* All that comes in front of the extensions. */
static inline void
hello_begin(struct built *hello)
{
	hello->length = hello->name_end = 0;
	put_number(hello, 1, 1);
	put_number(hello, 3, 0);
	put_number(hello, 2, 0x0303);
	put_fill(hello, 32);
	put_number(hello, 1, 32);
	put_fill(hello, 32);
	put_number(hello, 2, 6);
	put(hello, "\x7a\x7a\x13\x01\x13\x02", 6);
	put_number(hello, 1, 1);
	put_number(hello, 1, 0);
}

static inline size_t
extension_begin(struct built *hello, size_t type)
{
	if (hello->length == HELLO_EXTENSIONS_AT)
		put_number(hello, 2, 0);
	put_number(hello, 2, type);
	return length_begin(hello, 2);
}

static inline void
extension_end(struct built *hello, size_t begin)
{
	length_end(hello, begin, 2);
}

static inline void
put_extension(struct built *hello, size_t type, size_t length)
{
	size_t begin = extension_begin(hello, type);

	put_fill(hello, length);
	extension_end(hello, begin);
}

/* An entry of a list of names. */
static inline void
put_name(struct built *hello, size_t type, const char *name)
{
	put_number(hello, 1, type);
	put_number(hello, 2, strlen(name));
	put(hello, name, strlen(name));
	if (type == 0 && hello->name_end == 0)
		hello->name_end = hello->length;
}

static inline void
put_server_name(struct built *hello, const char *name)
{
	size_t extension = extension_begin(hello, EXTENSION_SERVER_NAME);
	size_t list = length_begin(hello, 2);

	put_name(hello, 0, name);
	length_end(hello, list, 2);
	extension_end(hello, extension);
}

static inline void
hello_end(struct built *hello)
{
	length_end(hello, HELLO_LENGTH_AT + 3, 3);
	if (hello->length > HELLO_EXTENSIONS_AT)
		length_end(hello, HELLO_EXTENSIONS_AT + 2, 2);
}

/* What a browser sends: GREASE, more in front of the name than a segment
 * holds where `before` says so, and padding behind. */
static inline void
build_hello(struct built *hello, const char *name, size_t before)
{
	hello_begin(hello);
	put_extension(hello, EXTENSION_GREASE, 0);
	put_extension(hello, EXTENSION_ENCRYPTED_CLIENT_HELLO, 10);
	put_extension(hello, EXTENSION_KEY_SHARE, before);
	put_server_name(hello, name);
	put_extension(hello, EXTENSION_PADDING, 40);
	hello_end(hello);
}

/* The message in records of `size` bytes, the last one perhaps shorter. */
static inline void
build_records(struct built *stream, const struct built *message, size_t size)
{
	stream->length = stream->name_end = 0;
	for (size_t at = 0; at < message->length; at += size) {
		if (size > message->length - at)
			size = message->length - at;
		put(stream, "\x16\x03\x01", 3);
		put_number(stream, 2, size);
		if (message->name_end > at && message->name_end <= at + size)
			stream->name_end =
			    stream->length + (message->name_end - at);
		put(stream, message->bytes + at, size);
	}
}

static inline size_t
nibble(char digit)
{
	return (size_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* A client's stream as it was captured, which names `name`. */
static inline void
build_captured(struct built *stream, const char *digits, const char *name)
{
	const unsigned char *found;

	stream->length = 0;
	for (; *digits != '\0'; digits += 2)
		put_number(
		    stream, 1, nibble(digits[0]) << 4 | nibble(digits[1]));
	found = memmem(stream->bytes, stream->length, name, strlen(name));
	if (found == NULL)
		abort();
	stream->name_end = (size_t)(found - stream->bytes) + strlen(name);
}

#endif
