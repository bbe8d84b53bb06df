/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include "base/text.h"
#include "fuzz.h"

#define TEN_YEARS_MS (10LL * 365 * 24 * 3600 * 1000)
#define HOUR_MS (3600LL * 1000)

enum { TEXT_SIZE = 32 * 1024 };

struct outcome {
	bool is_duration;
	int64_t ms;
};

static struct outcome
parse(const char *text)
{
	unsigned char *block = fuzz_copy(span_of(text, strlen(text) + 1));
	struct outcome outcome = { .ms = INT64_MIN };

	outcome.is_duration =
	    duration_parse((const char *)block + 1, &outcome.ms);
	free(block);
	return outcome;
}

/* What is written in front of and behind the text. */
static struct outcome
parse_joined(const char *before, const char *text, const char *behind)
{
	static char joined[TEXT_SIZE];
	struct text line = text_in(joined, sizeof joined);

	text_append(&line, before);
	text_append(&line, text);
	text_append(&line, behind);
	return parse(joined);
}

static bool
is_near(int64_t a, int64_t b)
{
	return a - b >= -1 && a - b <= 1;
}

/* A sign only turns it round. */
static void
check_sign(const char *text, struct outcome wanted)
{
	struct outcome minus = parse_joined("-", text, "");
	struct outcome plus = parse_joined("+", text, "");

	FUZZ_CHECK(minus.is_duration == wanted.is_duration);
	FUZZ_CHECK(plus.is_duration == wanted.is_duration);
	if (!wanted.is_duration)
		return;
	FUZZ_CHECK(wanted.ms >= 0);
	FUZZ_CHECK(minus.ms == -wanted.ms);
	FUZZ_CHECK(plus.ms == wanted.ms);
}

/* Parts add up, whichever comes first; one wrong part spoils the whole. */
static void
check_sum(const char *text, struct outcome wanted)
{
	struct outcome behind = parse_joined("", text, "1h");
	struct outcome before = parse_joined("1h", text, "");

	FUZZ_CHECK(behind.is_duration == before.is_duration);
	if (behind.is_duration) {
		FUZZ_CHECK(is_near(behind.ms, before.ms));
		FUZZ_CHECK(wanted.is_duration);
	}
	if (wanted.is_duration && wanted.ms < TEN_YEARS_MS - HOUR_MS) {
		FUZZ_CHECK(behind.is_duration);
		FUZZ_CHECK(is_near(behind.ms, wanted.ms + HOUR_MS));
	}
	FUZZ_CHECK(!parse_joined("", text, "1").is_duration);
	FUZZ_CHECK(!parse_joined("", text, " ").is_duration);
}

static bool
is_signed(const char *text)
{
	return text[0] == '-' || text[0] == '+';
}

/* What follows would be read as more digits of its last number. */
static bool
ends_in_number(const char *text)
{
	char last = text[strlen(text) - 1];

	return last == '.' || (last >= '0' && last <= '9');
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static char text[TEXT_SIZE];
	struct outcome outcome;

	if (length > sizeof text - 8)
		return 0;
	memcpy(text, bytes, length);
	text[length] = '\0';
	outcome = parse(text);
	if (outcome.is_duration) {
		FUZZ_CHECK(outcome.ms >= -TEN_YEARS_MS);
		FUZZ_CHECK(outcome.ms <= TEN_YEARS_MS);
		FUZZ_CHECK(
		    outcome.ms == 0 || (outcome.ms < 0) == (text[0] == '-'));
	}
	if (text[0] == '\0' || is_signed(text))
		return 0;
	check_sign(text, outcome);
	if (!ends_in_number(text))
		check_sum(text, outcome);
	return 0;
}
