/* SPDX-License-Identifier: MIT */
#include "protocol/tls_client_hello.h"

#include <stdbool.h>
#include <string.h>

/* A record: type, version (2 bytes), length (2 bytes), and that many bytes of
 * the message, which goes on in as many records as its sender likes. */
#define RECORD_HEADER_LENGTH 5
#define RECORD_HANDSHAKE 22
#define RECORD_VERSION_MAJOR 3
#define RECORD_MAX_LENGTH (1 << 14)

#define MESSAGE_CLIENT_HELLO 1
#define VERSION_AND_RANDOM_LENGTH (2 + 32)
#define SESSION_ID_MAX_LENGTH 32
#define EXTENSION_SERVER_NAME 0
#define NAME_HOST_NAME 0

/* The bytes of each field that is a number. */
static const unsigned char number_width[TLS_OTHER_NAME + 1] = {
	[TLS_MESSAGE_TYPE] = 1,
	[TLS_MESSAGE_LENGTH] = 3,
	[TLS_SESSION_ID_LENGTH] = 1,
	[TLS_CIPHER_SUITES_LENGTH] = 2,
	[TLS_COMPRESSION_METHODS_LENGTH] = 1,
	[TLS_EXTENSIONS_LENGTH] = 2,
	[TLS_EXTENSION_TYPE] = 2,
	[TLS_EXTENSION_LENGTH] = 2,
	[TLS_NAME_LIST_LENGTH] = 2,
	[TLS_NAME_TYPE] = 1,
	[TLS_NAME_LENGTH] = 2,
};

/* The next field, within what ends at `end`. NONE if that has no room for it,
 * as where there are no extensions, or none is left. */
static enum scan
expect(struct tls_client_hello *hello, enum tls_field field, uint32_t length,
    uint32_t end)
{
	if (length > end - hello->offset)
		return SCAN_NONE;
	hello->field = field;
	hello->field_left = length;
	hello->number = 0;
	return SCAN_MORE;
}

static enum scan
expect_number(
    struct tls_client_hello *hello, enum tls_field field, uint32_t end)
{
	return expect(hello, field, number_width[field], end);
}

/* The fields up to the first extension; what encloses them is the message. */
static enum scan
message_field_end(struct tls_client_hello *hello)
{
	uint32_t number = hello->number;
	uint32_t end = hello->message_end;

	switch (hello->field) {
	case TLS_MESSAGE_TYPE:
		if (number != MESSAGE_CLIENT_HELLO)
			return SCAN_NONE;
		return expect_number(hello, TLS_MESSAGE_LENGTH, end);
	case TLS_MESSAGE_LENGTH:
		hello->message_end = hello->offset + number;
		return expect(hello, TLS_VERSION_AND_RANDOM,
		    VERSION_AND_RANDOM_LENGTH, hello->message_end);
	case TLS_VERSION_AND_RANDOM:
		return expect_number(hello, TLS_SESSION_ID_LENGTH, end);
	case TLS_SESSION_ID_LENGTH:
		if (number > SESSION_ID_MAX_LENGTH)
			return SCAN_NONE;
		return expect(hello, TLS_SESSION_ID, number, end);
	case TLS_SESSION_ID:
		return expect_number(hello, TLS_CIPHER_SUITES_LENGTH, end);
	case TLS_CIPHER_SUITES_LENGTH:
		if (number == 0 || number % 2 != 0)
			return SCAN_NONE;
		return expect(hello, TLS_CIPHER_SUITES, number, end);
	case TLS_CIPHER_SUITES:
		return expect_number(
		    hello, TLS_COMPRESSION_METHODS_LENGTH, end);
	case TLS_COMPRESSION_METHODS_LENGTH:
		if (number == 0)
			return SCAN_NONE;
		return expect(hello, TLS_COMPRESSION_METHODS, number, end);
	case TLS_COMPRESSION_METHODS:
		return expect_number(hello, TLS_EXTENSIONS_LENGTH, end);
	default: /* TLS_EXTENSIONS_LENGTH: they are all the rest */
		if (number != end - hello->offset)
			return SCAN_NONE;
		return expect_number(hello, TLS_EXTENSION_TYPE, end);
	}
}

static enum scan
extension_field_end(struct tls_client_hello *hello)
{
	uint32_t number = hello->number;
	uint32_t end = hello->message_end;

	switch (hello->field) {
	case TLS_EXTENSION_TYPE:
		hello->type = number;
		return expect_number(hello, TLS_EXTENSION_LENGTH, end);
	case TLS_EXTENSION_LENGTH:
		if (hello->type != EXTENSION_SERVER_NAME)
			return expect(hello, TLS_EXTENSION_DATA, number, end);
		if (number > end - hello->offset)
			return SCAN_NONE;
		hello->extension_end = hello->offset + number;
		return expect_number(
		    hello, TLS_NAME_LIST_LENGTH, hello->extension_end);
	default: /* TLS_EXTENSION_DATA */
		return expect_number(hello, TLS_EXTENSION_TYPE, end);
	}
}

/* The fields of server_name; what encloses them is the extension. */
static enum scan
server_name_field_end(struct tls_client_hello *hello, struct host_name *name)
{
	uint32_t number = hello->number;
	uint32_t end = hello->extension_end;
	struct span collected;

	switch (hello->field) {
	case TLS_NAME_LIST_LENGTH:
		if (number != end - hello->offset)
			return SCAN_NONE;
		return expect_number(hello, TLS_NAME_TYPE, end);
	case TLS_NAME_TYPE:
		hello->type = number;
		return expect_number(hello, TLS_NAME_LENGTH, end);
	case TLS_NAME_LENGTH:
		if (hello->type != NAME_HOST_NAME)
			return expect(hello, TLS_OTHER_NAME, number, end);
		if (number > sizeof hello->name.bytes)
			return SCAN_NONE;
		return expect(hello, TLS_HOST_NAME, number, end);
	case TLS_OTHER_NAME:
		return expect_number(hello, TLS_NAME_TYPE, end);
	default: /* TLS_HOST_NAME */
		collected = span_of(hello->name.bytes, hello->name.length);
		return host_name_parse(name, collected) ? SCAN_FOUND
							: SCAN_NONE;
	}
}

/* The field is whole: is it right, and what is the next? */
static enum scan
field_end(struct tls_client_hello *hello, struct host_name *name)
{
	if (hello->field <= TLS_EXTENSIONS_LENGTH)
		return message_field_end(hello);
	if (hello->field <= TLS_EXTENSION_DATA)
		return extension_field_end(hello);
	return server_name_field_end(hello, name);
}

/* Numbers and the name are kept, the bytes of all else are never looked at.
 * False if the name cannot be one. */
static bool
field_bytes(struct tls_client_hello *hello, struct span bytes)
{
	if (hello->field == TLS_HOST_NAME)
		return host_name_collect(&hello->name, bytes);
	if (number_width[hello->field] == 0)
		return true;
	for (size_t i = 0; i < bytes.length; i++)
		hello->number = hello->number << 8 | bytes.bytes[i];
	return true;
}

static size_t
lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

static enum scan
message_bytes(
    struct tls_client_hello *hello, struct span bytes, struct host_name *name)
{
	enum scan verdict = SCAN_MORE;

	while (verdict == SCAN_MORE && bytes.length > 0) {
		size_t taken = lesser(bytes.length, hello->field_left);

		if (!field_bytes(hello, span_of(bytes.bytes, taken)))
			return SCAN_NONE;
		bytes = span_after(bytes, taken);
		hello->offset += (uint32_t)taken;
		hello->field_left -= (uint32_t)taken;
		/* A field may be empty, and then it is whole already. */
		while (verdict == SCAN_MORE && hello->field_left == 0)
			verdict = field_end(hello, name);
	}
	return verdict;
}

/* False as soon as it cannot be the header of a handshake record. */
static bool
record_header_byte(struct tls_client_hello *hello, unsigned char byte)
{
	switch (hello->record_header++) {
	case 0:
		return byte == RECORD_HANDSHAKE;
	case 1:
		return byte == RECORD_VERSION_MAJOR;
	case 2: /* the minor version: RFC 8446 5.1 says to ignore it */
		return true;
	case 3:
		hello->record_left = (uint16_t)(byte << 8);
		return hello->record_left <= RECORD_MAX_LENGTH;
	default:
		hello->record_left |= byte;
		return hello->record_left > 0 &&
		    hello->record_left <= RECORD_MAX_LENGTH;
	}
}

static enum scan
record_bytes(
    struct tls_client_hello *hello, struct span bytes, struct host_name *name)
{
	hello->record_left = (uint16_t)(hello->record_left - bytes.length);
	if (hello->record_left == 0)
		hello->record_header = 0;
	return message_bytes(hello, bytes, name);
}

void
tls_client_hello_init(struct tls_client_hello *hello)
{
	memset(hello, 0, sizeof *hello);
	/* Until its length is known, the message is no more than its header. */
	hello->message_end =
	    number_width[TLS_MESSAGE_TYPE] + number_width[TLS_MESSAGE_LENGTH];
	expect_number(hello, TLS_MESSAGE_TYPE, hello->message_end);
}

enum scan
tls_client_hello_scan(
    struct tls_client_hello *hello, struct span fresh, struct host_name *name)
{
	enum scan verdict = SCAN_MORE;

	while (verdict == SCAN_MORE && fresh.length > 0) {
		size_t taken = 1;

		if (hello->record_header < RECORD_HEADER_LENGTH) {
			if (!record_header_byte(hello, fresh.bytes[0]))
				return SCAN_NONE;
		} else {
			taken = lesser(fresh.length, hello->record_left);
			verdict = record_bytes(
			    hello, span_of(fresh.bytes, taken), name);
		}
		fresh = span_after(fresh, taken);
	}
	return verdict;
}
