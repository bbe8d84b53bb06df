/* SPDX-License-Identifier: MIT */
#include "master/log_pairs.h"

#include <string.h>

#include "base/ascii.h"

static bool
are_equal(struct span a, struct span b)
{
	return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

bool
log_pairs_key_is(struct span key, const char *name)
{
	return are_equal(key, span_of(name, strlen(name)));
}

static bool
is_of_key(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || ascii_is_digit(byte) ||
	    byte == '_';
}

/* The length up to the first such byte, or all of it. */
static size_t
length_before(struct span rest, unsigned char byte)
{
	const unsigned char *end = memchr(rest.bytes, byte, rest.length);

	return end != NULL ? (size_t)(end - rest.bytes) : rest.length;
}

/* The length up to the quote that has no backslash, or all of it. */
static size_t
length_before_quote(struct span rest)
{
	size_t length = 0;

	while (length < rest.length && rest.bytes[length] != '"')
		length += rest.bytes[length] == '\\' ? 2 : 1;
	return length < rest.length ? length : rest.length;
}

/* The pair that the bytes begin with. Returns its length, or 0. */
static size_t
take_pair(struct log_pair *pair, struct span rest)
{
	size_t key = 0, end;

	while (key < rest.length && is_of_key(rest.bytes[key]))
		key++;
	if (key == 0 || key == rest.length || rest.bytes[key] != '=')
		return 0;
	pair->key = span_of(rest.bytes, key);
	pair->value = span_after(rest, key + 1);
	pair->is_quoted = pair->value.length > 0 && pair->value.bytes[0] == '"';
	if (!pair->is_quoted) {
		pair->value.length = length_before(pair->value, ' ');
		return key + 1 + pair->value.length;
	}
	pair->value = span_after(pair->value, 1);
	pair->value.length = length_before_quote(pair->value);
	end = key + 2 + pair->value.length;
	if (end == rest.length)
		return end; /* the line was cut */
	end++;
	return end == rest.length || rest.bytes[end] == ' ' ? end : 0;
}

/* Neither there yet nor one that each line has. */
static bool
is_new(const struct log_pairs *pairs, struct span key)
{
	static const char *const heads[] = { "time", "level", "process",
		"message" };

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		if (log_pairs_key_is(key, heads[i]))
			return false;
	}
	for (unsigned i = 0; i < pairs->count; i++) {
		if (are_equal(pairs->list[i].key, key))
			return false;
	}
	return true;
}

/* Without the blank in front of the first pair. */
static size_t
length_before_pair(const struct log_pairs *pairs, struct span words)
{
	size_t length = (size_t)(pairs->list[0].key.bytes - words.bytes);

	return length > 0 ? length - 1 : 0;
}

void
log_pairs_find(struct log_pairs *pairs, struct span words)
{
	struct span rest = words;
	struct log_pair pair;

	pairs->count = 0;
	while (rest.length > 0) {
		size_t length = take_pair(&pair, rest);

		if (length > 0 && pairs->count < LOG_PAIRS_MAX &&
		    is_new(pairs, pair.key)) {
			pairs->list[pairs->count++] = pair;
		} else {
			pairs->count = 0;
			length = length_before(rest, ' ');
		}
		rest = span_after(rest, length);
		if (rest.length > 0)
			rest = span_after(rest, 1); /* the blank */
	}
	pairs->message = words;
	if (pairs->count > 0)
		pairs->message.length = length_before_pair(pairs, words);
}

/* Returns the length of an escape of text_quote(), or of a byte without. */
static size_t
unescape(struct span bytes, unsigned char *byte)
{
	int high, low;

	*byte = bytes.bytes[0];
	if (bytes.bytes[0] != '\\' || bytes.length < 2)
		return 1;
	if (bytes.bytes[1] == '"' || bytes.bytes[1] == '\\') {
		*byte = bytes.bytes[1];
		return 2;
	}
	if (bytes.bytes[1] != 'x' || bytes.length < 4)
		return 1;
	high = ascii_hex_value(bytes.bytes[2]);
	low = ascii_hex_value(bytes.bytes[3]);
	if (high == -1 || low == -1)
		return 1;
	*byte = (unsigned char)(high << 4 | low);
	return 4;
}

struct span
log_pair_value(
    const struct log_pair *pair, unsigned char buffer[LOG_WORDS_SIZE])
{
	struct span rest = pair->value;
	size_t length = 0;

	if (!pair->is_quoted)
		return rest;
	while (rest.length > 0 && length < LOG_WORDS_SIZE)
		rest = span_after(rest, unescape(rest, &buffer[length++]));
	return span_of(buffer, length);
}
