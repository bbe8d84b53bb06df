/* SPDX-License-Identifier: MIT */
#include "master/log_json.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/json.h"
#include "base/text.h"
#include "master/log_pairs.h"

enum {
	VALUE_MIN = 64, /* no value is cut to less */
	/* Each byte becomes an escape of six at most, and a pair gets six more
	 * bytes. */
	WHOLE_SIZE = 6 * LOG_WORDS_SIZE + 6 * LOG_PAIRS_MAX + LOG_JSON_SIZE_MIN,
};

/* An unsigned number of JSON, of a length that all readers take. */
static bool
is_number(struct span value)
{
	enum { DIGITS_MAX = 20 };
	size_t whole = 0, end;

	while (whole < value.length && ascii_is_digit(value.bytes[whole]))
		whole++;
	end = whole;
	if (end < value.length && value.bytes[end] == '.') {
		do
			end++;
		while (end < value.length && ascii_is_digit(value.bytes[end]));
		if (end == whole + 1)
			return false;
	}
	return whole > 0 && end == value.length && end <= DIGITS_MAX &&
	    (whole == 1 || value.bytes[0] != '0');
}

/* False where the value is none. Seconds lose their unit. */
static bool
append_number(struct text *json, const struct log_pair *pair)
{
	struct span value = pair->value;

	if (log_pairs_key_is(pair->key, "oldest") && value.length > 0 &&
	    value.bytes[value.length - 1] == 's')
		value.length--;
	if (pair->is_quoted || !is_number(value))
		return false;
	text_printable(json, value);
	return true;
}

static void
append_pair(struct text *json, const struct log_pair *pair, size_t value_max)
{
	unsigned char buffer[LOG_WORDS_SIZE];

	text_append(json, ",");
	json_string(json, pair->key, LOG_WORDS_SIZE);
	text_append(json, ":");
	if (!append_number(json, pair))
		json_string(json, log_pair_value(pair, buffer), value_max);
}

static void
append_string(
    struct text *json, const char *key, const char *value, size_t value_max)
{
	text_append(json, json->length == 0 ? "{" : ",");
	json_string(json, span_of(key, strlen(key)), LOG_WORDS_SIZE);
	text_append(json, ":");
	json_string(json, span_of(value, strlen(value)), value_max);
}

static void
write_object(struct text *json, const struct log_json *head,
    const struct log_pairs *pairs, size_t value_max)
{
	json->length = 0;
	append_string(json, "time", head->time, VALUE_MIN);
	append_string(json, "level", log_level_name(head->level), VALUE_MIN);
	append_string(json, "process", head->process, VALUE_MIN);
	text_append(json, ",\"message\":");
	json_string(json, pairs->message, value_max);
	for (unsigned i = 0; i < pairs->count; i++)
		append_pair(json, &pairs->list[i], value_max);
	text_append(json, "}");
}

/* Where not even short values make it short enough, for the number of pairs,
 * all are part of the message. */
size_t
log_json_format(
    char *line, size_t size, const struct log_json *head, const char *words)
{
	char whole[WHOLE_SIZE];
	struct text json = text_in(whole, sizeof whole);
	struct span all = span_of(words, strnlen(words, LOG_WORDS_SIZE));
	struct log_pairs pairs;
	size_t value_max;

	assert(size >= LOG_JSON_SIZE_MIN);
	log_pairs_find(&pairs, all);
	write_object(&json, head, &pairs, sizeof whole);
	for (value_max = size; json.length >= size;
	     value_max -= value_max / 8) {
		if (value_max < VALUE_MIN) {
			pairs = (struct log_pairs){ .message = all };
			value_max = size;
		}
		write_object(&json, head, &pairs, value_max);
	}
	memcpy(line, whole, json.length + 1);
	return json.length;
}
