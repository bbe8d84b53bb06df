/* SPDX-License-Identifier: MIT */
/* lookup_test.c - when a name is asked for, and what the answers come to. */

#include "resolver/lookup.h"

#include <netdb.h>
#include <string.h>

#include "check.h"

static struct lookup lookup;
static struct upstream_addresses addresses;

static bool
is_due(enum lookup_family family, int64_t now_ms)
{
	return lookup_is_due(&lookup, family, now_ms);
}

/* An answer if `text` is an address, else an error. */
static enum lookup_news
take(enum lookup_family family, const char *text, bool is_final)
{
	struct lookup_result result = { .family = family };

	if (text == NULL) {
		result.error = is_final ? EAI_NONAME : EAI_AGAIN;
		result.is_final = is_final;
	} else {
		result.found = result.known.count = 1;
		CHECK(address_parse(&result.known.list[0], text, 3128));
	}
	return lookup_take(&lookup, &result);
}

static void
ask_both(int64_t now_ms)
{
	lookup_ask(&lookup, LOOKUP_IPV4, now_ms);
	lookup_ask(&lookup, LOOKUP_IPV6, now_ms);
}

static bool
has(const char *text)
{
	struct address address;

	lookup_addresses(&lookup, &addresses);
	return address_parse(&address, text, 3128) &&
	    upstream_addresses_has(&addresses, &address);
}

static void
begin(bool has_inherited)
{
	memset(&lookup, 0, sizeof lookup);
	lookup.has_inherited = has_inherited;
}

static void
both_are_known(void)
{
	begin(false);
	ask_both(0);
	CHECK(take(LOOKUP_IPV4, "10.0.0.1", false) == LOOKUP_ANSWER);
	CHECK(take(LOOKUP_IPV6, "fd00::1", false) == LOOKUP_ANSWER);
}

static void
the_first_answer_counts_at_once(void)
{
	begin(false);
	CHECK(is_due(LOOKUP_IPV4, 0) && is_due(LOOKUP_IPV6, 0));
	ask_both(0);
	CHECK(
	    !is_due(LOOKUP_IPV4, 99999) && lookup_due_ms(&lookup) == INT64_MAX);
	CHECK(take(LOOKUP_IPV6, "fd00::1", false) == LOOKUP_ANSWER);
	CHECK(has("fd00::1"));
	CHECK(lookup_due_ms(&lookup) == INT64_MAX);
	CHECK(take(LOOKUP_IPV4, NULL, false) == LOOKUP_ANSWER);
	CHECK(has("fd00::1") && addresses.count == 1);
	CHECK(lookup_due_ms(&lookup) == 20000);
}

/* The other family may be silent for long. */
static void
until_then_each_family_is_asked_every_two_seconds(void)
{
	begin(false);
	ask_both(100);
	CHECK(take(LOOKUP_IPV4, NULL, true) == LOOKUP_NOTHING);
	CHECK(!is_due(LOOKUP_IPV4, 2099) && is_due(LOOKUP_IPV4, 2100));
	lookup_ask(&lookup, LOOKUP_IPV4, 2100);
	CHECK(take(LOOKUP_IPV4, NULL, true) == LOOKUP_NOTHING);
	CHECK(take(LOOKUP_IPV6, NULL, false) == LOOKUP_FAILURE);
	CHECK(lookup_cause(&lookup)->error == EAI_NONAME);
	CHECK(is_due(LOOKUP_IPV6, 2100) && is_due(LOOKUP_IPV4, 4100));
	lookup_ask(&lookup, LOOKUP_IPV4, 4100);
	CHECK(take(LOOKUP_IPV4, "10.0.0.1", false) == LOOKUP_ANSWER);
}

static void
an_error_that_may_pass_takes_no_address_away(void)
{
	static const struct row {
		const char *title;
		bool is_final;
		bool stays;
	} rows[] = {
		{ "silence", false, true },
		{ "no such address", true, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		both_are_known();
		ask_both(20000);
		CHECK(take(LOOKUP_IPV6, NULL, rows[i].is_final) ==
		    LOOKUP_NOTHING);
		CHECK(has("fd00::1"));
		CHECK(take(LOOKUP_IPV4, "10.0.0.2", false) == LOOKUP_ANSWER);
		CHECK_ROW(has("fd00::1") == rows[i].stays, rows[i].title);
		CHECK(has("10.0.0.2") && !has("10.0.0.1"));
	}
}

static void
a_name_that_is_gone_keeps_all_addresses(void)
{
	both_are_known();
	ask_both(20000);
	CHECK(take(LOOKUP_IPV4, NULL, true) == LOOKUP_NOTHING);
	CHECK(take(LOOKUP_IPV6, NULL, true) == LOOKUP_FAILURE);
	CHECK(has("10.0.0.1") && has("fd00::1"));
	CHECK(lookup_due_ms(&lookup) == 40000);
}

/* Or half of the known addresses would go, and come again. */
static void
with_addresses_from_before_both_families_have_to_answer(void)
{
	begin(true);
	ask_both(0);
	CHECK(take(LOOKUP_IPV4, "10.0.0.1", false) == LOOKUP_NOTHING);
	CHECK(take(LOOKUP_IPV6, "fd00::1", false) == LOOKUP_ANSWER);
	begin(true);
	ask_both(0);
	CHECK(take(LOOKUP_IPV4, NULL, true) == LOOKUP_NOTHING);
	CHECK(take(LOOKUP_IPV6, NULL, true) == LOOKUP_FAILURE);
	CHECK(lookup_due_ms(&lookup) == 2000);
}

static void
a_lookup_that_is_wanted_begins_after_the_one_under_way(void)
{
	both_are_known();
	lookup_want(&lookup);
	CHECK(lookup_due_ms(&lookup) == 0);
	ask_both(5000);
	CHECK(take(LOOKUP_IPV4, "10.0.0.1", false) == LOOKUP_NOTHING);
	lookup_want(&lookup);
	CHECK(!is_due(LOOKUP_IPV4, 6000));
	CHECK(take(LOOKUP_IPV6, NULL, true) == LOOKUP_ANSWER);
	CHECK(lookup_due_ms(&lookup) == 0);
	ask_both(6000);
	CHECK(take(LOOKUP_IPV4, "10.0.0.1", false) == LOOKUP_NOTHING);
	CHECK(take(LOOKUP_IPV6, NULL, true) == LOOKUP_ANSWER);
	CHECK(lookup_due_ms(&lookup) == 26000);
}

int
main(void)
{
	RUN(the_first_answer_counts_at_once);
	RUN(until_then_each_family_is_asked_every_two_seconds);
	RUN(an_error_that_may_pass_takes_no_address_away);
	RUN(a_name_that_is_gone_keeps_all_addresses);
	RUN(with_addresses_from_before_both_families_have_to_answer);
	RUN(a_lookup_that_is_wanted_begins_after_the_one_under_way);
	return check_report();
}
