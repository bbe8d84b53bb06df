/* SPDX-License-Identifier: MIT */
/* counters_test.c - a page of counters that two processes share. */

#include "ipc/counters.h"

#include "check.h"

static void
counters_carry_into_their_upper_half(void)
{
	struct counters *counters = counters_map();

	CHECK(counters != NULL);
	CHECK(counter_read(&counters->sent) == 0);
	counter_add(&counters->sent, 0xffffffff);
	counter_add(&counters->sent, 1);
	CHECK(counter_read(&counters->sent) == 0x100000000);
	counter_add(&counters->sent, 0x300000007);
	CHECK(counter_read(&counters->sent) == 0x400000007);
	counter_step(&counters->open, 1);
	counter_step(&counters->open, 1);
	counter_step(&counters->open, -1);
	CHECK(counter_now(&counters->open) == 1);
	counters_unmap(&counters);
	CHECK(counters == NULL);
}

int
main(void)
{
	RUN(counters_carry_into_their_upper_half);
	return check_report();
}
