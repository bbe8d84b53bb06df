/* SPDX-License-Identifier: MIT */
/* json_check.h - a strict reader of JSON, RFC 8259: the fuzz targets' judge of
 * what is written. */

#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stdbool.h>

#include "base/ascii.h"
#include "fuzz.h"

static const char *json_value(const char *at);

static unsigned
json_hex4(const char *at)
{
	unsigned code = 0;

	for (int i = 0; i < 4; i++) {
		int value = ascii_hex_value((unsigned char)at[i]);

		FUZZ_CHECK(value != -1);
		code = code << 4 | (unsigned)value;
	}
	return code;
}

/* Behind the backslash. A surrogate comes with its other half. */
static const char *
json_escape(const char *at)
{
	unsigned code;

	FUZZ_CHECK(*at != '\0' && strchr("\"\\/bfnrtu", *at) != NULL);
	if (*at != 'u')
		return at + 1;
	code = json_hex4(at + 1);
	FUZZ_CHECK(code < 0xdc00 || code > 0xdfff);
	if (code < 0xd800 || code > 0xdbff)
		return at + 5;
	FUZZ_CHECK(at[5] == '\\' && at[6] == 'u');
	code = json_hex4(at + 7);
	FUZZ_CHECK(code >= 0xdc00 && code <= 0xdfff);
	return at + 11;
}

static const char *
json_string_end(const char *at)
{
	FUZZ_CHECK(*at == '"');
	for (at++; *at != '"';) {
		FUZZ_CHECK(*at >= ' ' && *at <= '~');
		at = *at == '\\' ? json_escape(at + 1) : at + 1;
	}
	return at + 1;
}

static const char *
json_digits(const char *at)
{
	FUZZ_CHECK(ascii_is_digit((unsigned char)*at));
	while (ascii_is_digit((unsigned char)*at))
		at++;
	return at;
}

static const char *
json_number(const char *at)
{
	at += *at == '-';
	FUZZ_CHECK(at[0] != '0' || !ascii_is_digit((unsigned char)at[1]));
	at = json_digits(at);
	return *at == '.' ? json_digits(at + 1) : at;
}

/* Of an array the key is left out. */
static const char *
json_members(const char *at, char end, bool has_keys)
{
	if (at[1] == end)
		return at + 2;
	do {
		at++;
		if (has_keys) {
			at = json_string_end(at);
			FUZZ_CHECK(*at == ':');
			at++;
		}
		at = json_value(at);
	} while (*at == ',');
	FUZZ_CHECK(*at == end);
	return at + 1;
}

/* Returns the end of the value that begins here. */
static const char *
json_value(const char *at)
{
	switch (*at) {
	case '"':
		return json_string_end(at);
	case '{':
		return json_members(at, '}', true);
	case '[':
		return json_members(at, ']', false);
	default:
		return json_number(at);
	}
}

#endif
