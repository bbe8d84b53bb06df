/* SPDX-License-Identifier: MIT */
#include "worker/brake.h"

#include "check.h"

enum { NOW = 1000000 };

static void
three_refusals_in_a_row_brake(void)
{
	struct brake brake = { 0 };

	for (int i = 0; i < BRAKE_REFUSALS; i++) {
		CHECK(brake_lets_pass(&brake, NOW));
		brake_refused(&brake, NOW);
	}
	CHECK(!brake_lets_pass(&brake, NOW));
	CHECK(!brake_lets_pass(&brake, NOW + BRAKE_PAUSE_MS - 1));
}

static void
what_is_granted_ends_the_row(void)
{
	struct brake brake = { 0 };

	brake_refused(&brake, NOW);
	brake_refused(&brake, NOW);
	brake_release(&brake);
	brake_refused(&brake, NOW);
	brake_refused(&brake, NOW);
	CHECK(brake_lets_pass(&brake, NOW));
	brake_refused(&brake, NOW);
	CHECK(!brake_lets_pass(&brake, NOW));
	brake_release(&brake);
	CHECK(brake_lets_pass(&brake, NOW));
	CHECK(brake_lets_pass(&brake, NOW));
}

/* The first a minute after the third refusal; answers that were still to come
 * put nothing off. */
static void
one_request_a_minute_tries(void)
{
	struct brake brake = { 0 };
	int64_t now_ms = NOW;

	for (int i = 0; i < BRAKE_REFUSALS; i++)
		brake_refused(&brake, now_ms);
	brake_refused(&brake, now_ms + BRAKE_PAUSE_MS / 2);
	for (int minute = 0; minute < 3; minute++) {
		now_ms += BRAKE_PAUSE_MS;
		CHECK(brake_lets_pass(&brake, now_ms));
		CHECK(!brake_lets_pass(&brake, now_ms));
		brake_refused(&brake, now_ms + 1);
		CHECK(!brake_lets_pass(&brake, now_ms + BRAKE_PAUSE_MS - 1));
	}
}

int
main(void)
{
	RUN(three_refusals_in_a_row_brake);
	RUN(what_is_granted_ends_the_row);
	RUN(one_request_a_minute_tries);
	return check_report();
}
