/* SPDX-License-Identifier: MIT */
#include "top/json_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

static const struct span nothing = { (const unsigned char *)"", 0 };

/* NUL is among none. */
static bool
is_among(unsigned char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}

static void
skip_blanks(struct span *rest)
{
	while (rest->length > 0 && is_among(rest->bytes[0], " \t\r\n"))
		*rest = span_after(*rest, 1);
}

static bool
begins_with(struct span rest, unsigned char byte)
{
	return rest.length > 0 && rest.bytes[0] == byte;
}

/* The bytes of a string from its first quote to its last; all of them where
 * that is missing. */
static size_t
string_length(struct span string)
{
	size_t i = 1;

	while (i < string.length && string.bytes[i] != '"')
		i += string.bytes[i] == '\\' ? 2 : 1;
	return i < string.length ? i + 1 : string.length;
}

/* Of an array or an object: to the bracket that closes it. */
static size_t
nested_length(struct span value)
{
	size_t i = 0, depth = 0;

	while (i < value.length) {
		unsigned char byte = value.bytes[i];

		if (byte == '"') {
			i += string_length(span_after(value, i));
			continue;
		}
		if (byte == '{' || byte == '[')
			depth++;
		if (byte == '}' || byte == ']')
			depth--;
		i++;
		if (depth == 0)
			break;
	}
	return i;
}

static size_t
word_length(struct span value)
{
	size_t i = 0;

	while (i < value.length && !is_among(value.bytes[i], ",:]} \t\r\n"))
		i++;
	return i;
}

/* Takes the next value; false: there is none. */
static bool
take_value(struct span *rest, struct span *value)
{
	skip_blanks(rest);
	*value = *rest;
	if (begins_with(*rest, '"'))
		value->length = string_length(*rest);
	else if (begins_with(*rest, '{') || begins_with(*rest, '['))
		value->length = nested_length(*rest);
	else
		value->length = word_length(*rest);
	*rest = span_after(*rest, value->length);
	return value->length > 0;
}

static bool
take_byte(struct span *rest, unsigned char byte)
{
	skip_blanks(rest);
	if (!begins_with(*rest, byte))
		return false;
	*rest = span_after(*rest, 1);
	return true;
}

/* Between its quotes, as it is written. */
static bool
is_name(struct span string, const char *name)
{
	size_t length = strlen(name);

	return string.length == length + 2 && string.bytes[0] == '"' &&
	    memcmp(string.bytes + 1, name, length) == 0;
}

struct span
json_value_member(struct span object, const char *name)
{
	struct span key, value;

	if (!take_byte(&object, '{'))
		return nothing;
	while (take_value(&object, &key) && take_byte(&object, ':') &&
	    take_value(&object, &value)) {
		if (is_name(key, name))
			return value;
		if (!take_byte(&object, ','))
			break;
	}
	return nothing;
}

struct span
json_value_items(struct span value)
{
	return take_byte(&value, '[') ? value : nothing;
}

bool
json_value_next(struct span *items, struct span *item)
{
	bool has_item = take_value(items, item);

	if (has_item)
		take_byte(items, ',');
	return has_item;
}

/* The length of an escape, of which the byte behind the backslash is there. */
static size_t
escape_length(struct span rest)
{
	return rest.bytes[1] == 'u' && rest.length >= 6 ? 6 : 2;
}

/* What an escape stands for, if that can be shown. */
static char
escaped(struct span rest)
{
	int high, low;

	if (rest.bytes[1] == '"' || rest.bytes[1] == '\\' ||
	    rest.bytes[1] == '/')
		return (char)rest.bytes[1];
	if (escape_length(rest) == 2 || rest.bytes[2] != '0' ||
	    rest.bytes[3] != '0')
		return '?';
	high = ascii_hex_value(rest.bytes[4]);
	low = ascii_hex_value(rest.bytes[5]);
	if (high >= 2 && high < 8 && low >= 0 && (high < 7 || low < 15))
		return (char)(high * 16 + low);
	return '?';
}

const char *
json_value_text(struct span value, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	if (value.length < 2 || value.bytes[0] != '"' ||
	    value.bytes[value.length - 1] != '"')
		return text;
	value = span_of(value.bytes + 1, value.length - 2);
	while (value.length > 0 && length + 1 < size) {
		unsigned char byte = value.bytes[0];
		bool is_escape = byte == '\\' && value.length > 1;

		if (is_escape)
			text[length++] = escaped(value);
		else if (byte >= ' ' && byte < 0x7f)
			text[length++] = (char)byte;
		else
			text[length++] = '?';
		value = span_after(value, is_escape ? escape_length(value) : 1);
	}
	text[length] = '\0';
	return text;
}

bool
json_value_is_number(struct span value)
{
	return value.length > 0 &&
	    (value.bytes[0] == '-' || ascii_is_digit(value.bytes[0]));
}

double
json_value_number(struct span value)
{
	char text[32];

	if (!json_value_is_number(value) || value.length >= sizeof text)
		return 0;
	memcpy(text, value.bytes, value.length);
	text[value.length] = '\0';
	return strtod(text, NULL);
}

bool
json_value_is_true(struct span value)
{
	return value.length == 4 && memcmp(value.bytes, "true", 4) == 0;
}
