/* SPDX-License-Identifier: MIT */
/* tunnel_lists_test.c - who is asked for a list, and what the status process is
 * told: nobody holds it up. */

#include "master/tunnel_lists.h"

#include <string.h>

#include "base/descriptor.h"
#include "check.h"

enum { WORKER_0, WORKER_1, RESOLVER, STATUS, CHILDREN };

static struct child all[CHILDREN];
static struct children children;
static struct tunnel_lists lists;
static int64_t now_ms;
static int from_master[CHILDREN]; /* what each child reads */

static void
begin(void)
{
	static const enum child_kind kinds[CHILDREN] = { CHILD_WORKER,
		CHILD_WORKER, CHILD_RESOLVER, CHILD_STATUS };

	memset(all, 0, sizeof all);
	memset(&lists, 0, sizeof lists);
	now_ms = 100000;
	for (unsigned i = 0; i < CHILDREN; i++) {
		all[i].kind = kinds[i];
		all[i].number = i;
		all[i].client_table = 10 + i;
		all[i].next = i + 1 < CHILDREN ? &all[i + 1] : NULL;
		CHECK(
		    descriptor_pipe(&from_master[i], &all[i].control_fd) == 0);
	}
	children.first = all;
}

static void
end(void)
{
	for (unsigned i = 0; i < CHILDREN; i++) {
		descriptor_close(&from_master[i]);
		descriptor_close(&all[i].control_fd);
	}
}

/* False where the child was told nothing. */
static bool
is_told(unsigned child, struct message *message)
{
	struct message_reader reader = { .length = 0 };
	bool told = message_fill(&reader, from_master[child]) == 1;

	if (told)
		CHECK(message_next(&reader, MESSAGE_DOWN, message) ==
		    MESSAGE_WHOLE);
	CHECK(reader.length == 0);
	return told;
}

static void
want(uint32_t number)
{
	tunnel_lists_want(&lists, &all[STATUS],
	    &(struct tunnel_request){ number, 10, TUNNELS_BY_AGE });
}

/* Once the workers may be asked again. */
static void
ask(uint32_t number)
{
	want(number);
	now_ms += 500;
	tunnel_lists_ask(&lists, &children, now_ms);
}

static void
answer(unsigned worker, uint32_t number, uint32_t count)
{
	tunnel_lists_answer(&children, &all[worker],
	    &(struct tunnel_answer){ .number = number,
		.count = count,
		.worker = 77,
		.list = 78,
		.left = 79 });
}

static void
check_listed(uint32_t number, uint32_t count, uint32_t worker, uint32_t list,
    uint32_t left)
{
	struct message message;

	CHECK(is_told(STATUS, &message) && message.kind == MESSAGE_LISTED);
	CHECK(message.listed.number == number);
	CHECK(message.listed.count == count);
	CHECK(message.listed.list == list && message.listed.left == left);
	CHECK(list == TUNNEL_LISTS || message.listed.worker == worker);
}

static void
all_workers_are_asked_and_their_answers_told(void)
{
	struct message message;

	begin();
	all[WORKER_1].state = CHILD_DRAINING;
	ask(5);
	for (unsigned i = WORKER_0; i <= WORKER_1; i++) {
		CHECK(is_told(i, &message) && message.kind == MESSAGE_LIST);
		CHECK(message.list.number == 5 && message.list.limit == 10);
		CHECK(message.list.order == TUNNELS_BY_AGE);
	}
	CHECK(!is_told(RESOLVER, &message) && !is_told(STATUS, &message));
	answer(WORKER_1, 5, 3);
	check_listed(5, 3, 1, 11, 1);
	answer(WORKER_0, 5, 0);
	check_listed(5, 0, 0, 10, 0);
	end();
}

static void
an_answer_that_nobody_waits_for_is_not_told(void)
{
	struct message message;

	begin();
	answer(WORKER_0, 0, 1);
	answer(WORKER_0, 5, 1);
	ask(5);
	ask(6);
	answer(WORKER_0, 5, 1);
	CHECK(!is_told(STATUS, &message));
	answer(WORKER_0, 6, 1);
	check_listed(6, 1, 0, 10, 1);
	answer(WORKER_0, 6, 1);
	CHECK(!is_told(STATUS, &message));
	end();
}

/* Of a flood of requests the last one counts. */
static void
workers_are_asked_twice_a_second(void)
{
	struct message message;
	unsigned told = 0;

	begin();
	CHECK(tunnel_lists_due_ms(&lists) == INT64_MAX);
	for (uint32_t number = 1; number <= 1000; number++, now_ms++) {
		want(number);
		CHECK(tunnel_lists_due_ms(&lists) <= now_ms + 500);
		tunnel_lists_ask(&lists, &children, now_ms);
		told += is_told(WORKER_0, &message);
	}
	CHECK(told == 2 && all[WORKER_0].list_number == 501);
	CHECK(all[STATUS].list_number == 1000);
	tunnel_lists_ask(&lists, &children, now_ms);
	CHECK(all[WORKER_0].list_number == 1000);
	CHECK(tunnel_lists_due_ms(&lists) == INT64_MAX);
	CHECK(is_told(WORKER_0, &message) && message.list.number == 1000);
	end();
}

static void
a_death_ends_the_wait(void)
{
	struct message message;

	begin();
	ask(5);
	tunnel_lists_forget(&children, &all[RESOLVER]);
	CHECK(!is_told(STATUS, &message));
	tunnel_lists_forget(&children, &all[WORKER_0]);
	check_listed(5, 0, 0, TUNNEL_LISTS, 1);
	tunnel_lists_forget(&children, &all[WORKER_1]);
	check_listed(5, 0, 0, TUNNEL_LISTS, 0);
	tunnel_lists_forget(&children, &all[STATUS]);
	end();
}

static void
without_a_worker_that_can_be_asked_the_list_is_empty(void)
{
	struct message message;

	begin();
	all[WORKER_0].client_table = TUNNEL_LISTS;
	while (child_tell(
	    &all[WORKER_1], &(struct message){ .kind = MESSAGE_DRAIN }))
		continue; /* its pipe is full */
	ask(5);
	check_listed(5, 0, 0, TUNNEL_LISTS, 0);
	CHECK(!is_told(WORKER_0, &message));
	end();
}

int
main(void)
{
	RUN(all_workers_are_asked_and_their_answers_told);
	RUN(an_answer_that_nobody_waits_for_is_not_told);
	RUN(workers_are_asked_twice_a_second);
	RUN(a_death_ends_the_wait);
	RUN(without_a_worker_that_can_be_asked_the_list_is_empty);
	return check_report();
}
