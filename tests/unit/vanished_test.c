/* SPDX-License-Identifier: MIT */
/* vanished_test.c - when a silent peer has vanished, and when it has not. */

#include "worker/vanished.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "event/deadlines.h"

enum { AFTER = VANISHED_AFTER_MS, HOUR = 3600 * 1000 };

/* Observations of one peer, in order. */
static const struct row {
	const char *words;
	int64_t now_ms;
	struct vanished_facts facts;
	int64_t left_ms;
} rows[] = {
	{ "nothing is under way", 1000, { 0, 0, HOUR }, DEADLINE_NEVER },
	{ "sent just now, behind an idle hour", 2000, { 1, 0, HOUR }, AFTER },
	{ "still no acknowledgement", 62000, { 3, 0, HOUR }, AFTER - 60000 },
	{ "acknowledged, more under way", 63000, { 1, 0, 10 }, AFTER - 10 },
	{ "acknowledges now and then", 183000, { 9, 0, 119000 },
	    AFTER - 119000 },
	{ "all acknowledged", 184000, { 0, 0, 5 }, DEADLINE_NEVER },
	{ "under way again", 185000, { 1, 0, HOUR }, AFTER },
	{ "two minutes without any", 305000, { 1, 0, HOUR }, 0 },
	{ "acknowledged at last", 306000, { 0, 0, 1 }, DEADLINE_NEVER },
	{ "a paused reader's probe is under way", 400000, { 0, 1, 120000 },
	    DEADLINE_NEVER },
	{ "a paused reader", 520000, { 0, 0, 119000 }, DEADLINE_NEVER },
	{ "a second probe, so the first had no answer", 640000,
	    { 0, 2, 240000 }, AFTER },
	{ "nor had the second", 760000, { 0, 3, 360000 }, 0 },
};

static void
two_minutes_without_any_acknowledgement(void)
{
	int64_t since_ms = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(vanished_left_ms(&since_ms, &rows[i].facts,
			      rows[i].now_ms) == rows[i].left_ms,
		    rows[i].words);
}

static void
where_the_kernel_says_nothing_nobody_has_vanished(void)
{
	int64_t since_ms = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int fds[2];

	CHECK(vanished_check(fd, &since_ms, 1000) == DEADLINE_NEVER);
	close(fd);
	CHECK(pipe(fds) == 0);
	CHECK(vanished_check(fds[0], &since_ms, 1000) == DEADLINE_NEVER);
	CHECK(since_ms == 0);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	RUN(two_minutes_without_any_acknowledgement);
	RUN(where_the_kernel_says_nothing_nobody_has_vanished);
	return check_report();
}
