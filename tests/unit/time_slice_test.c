/* SPDX-License-Identifier: MIT */
/* time_slice_test.c - what the kernel says of a process that has asked. */

#include "worker/time_slice.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

static struct sched_attr
attributes_get(void)
{
	struct sched_attr attributes = { 0 };

	CHECK(syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes,
		  0) == 0);
	return attributes;
}

static void
attributes_set(struct sched_attr attributes)
{
	CHECK(syscall(SYS_sched_setattr, 0, &attributes, 0) == 0);
}

/* Linux 6.12 and later; others have read what is asked for and forgotten it. */
static bool
kernel_has_slices(void)
{
	struct sched_attr attributes = attributes_get();

	attributes.sched_runtime = 700000;
	attributes_set(attributes);
	return attributes_get().sched_runtime == 700000;
}

static void
the_slice_is_longer_and_the_nice_value_the_same(void)
{
	struct sched_attr before = attributes_get(), after;

	before.sched_nice = 19; /* which anybody may have */
	attributes_set(before);
	if (kernel_has_slices())
		before.sched_runtime = 5000000;
	time_slice_ask();
	after = attributes_get();
	CHECK(after.sched_nice == 19);
	CHECK(after.sched_policy == SCHED_NORMAL);
	CHECK(after.sched_runtime == before.sched_runtime);
}

static void
a_policy_that_somebody_chose_stays(void)
{
	struct sched_attr before = attributes_get(), after;

	before.sched_policy = SCHED_BATCH;
	attributes_set(before);
	before = attributes_get();
	time_slice_ask();
	after = attributes_get();
	CHECK(after.sched_policy == SCHED_BATCH);
	CHECK(after.sched_runtime == before.sched_runtime);
}

int
main(void)
{
	RUN(the_slice_is_longer_and_the_nice_value_the_same);
	RUN(a_policy_that_somebody_chose_stays);
	return check_report();
}
