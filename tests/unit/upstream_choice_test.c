/* SPDX-License-Identifier: MIT */
/* upstream_choice_test.c - which upstream of its list a connection asks next.
 */

#include "worker/upstream_choice.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

/* A letter for each member, in the order of the list:
 *   u d r x  up, down, resolving, unresolved; not tried
 *   U D      the same, but a dial or the transport has failed
 *   S        up, but it has refused with a status
 * then `>` for direct at the end, `!` for one that was tried. */
static const struct row {
	const char *state;
	enum upstream_choice choice;
	int upstream; /* -1: not set */
} rows[] = {
	/* One upstream alone is dialled, whatever is known of it. */
	{ "u", CHOICE_UPSTREAM, 0 },
	{ "d", CHOICE_UPSTREAM, 0 },
	{ "r", CHOICE_WAIT, 0 },
	{ "x", CHOICE_WAIT, 0 },
	{ "U", CHOICE_NONE, -1 },
	{ "D", CHOICE_NONE, -1 },
	{ "S", CHOICE_NONE, -1 },

	/* The first that is up and was not tried. */
	{ "uu", CHOICE_UPSTREAM, 0 },
	{ "Uu", CHOICE_UPSTREAM, 1 },
	{ "Su", CHOICE_UPSTREAM, 1 },
	{ "du", CHOICE_UPSTREAM, 1 },
	{ "duu", CHOICE_UPSTREAM, 1 },
	{ "ddu", CHOICE_UPSTREAM, 2 },
	{ "UU", CHOICE_NONE, -1 },
	{ "SS", CHOICE_NONE, -1 },
	{ "uuuuuuuu", CHOICE_UPSTREAM, 0 },
	{ "UdSUDUSu", CHOICE_UPSTREAM, 7 },

	/* While another is up, one that is down is not asked. */
	{ "Sd", CHOICE_NONE, -1 },
	{ "Ud", CHOICE_NONE, -1 },
	{ "dS", CHOICE_NONE, -1 },

	/* All are down: in order. */
	{ "dd", CHOICE_UPSTREAM, 0 },
	{ "Dd", CHOICE_UPSTREAM, 1 },
	{ "dD", CHOICE_UPSTREAM, 0 },
	{ "DD", CHOICE_NONE, -1 },

	/* A name is waited for while it is fresh, then passed over. */
	{ "ru", CHOICE_WAIT, 0 },
	{ "ur", CHOICE_UPSTREAM, 0 },
	{ "dr", CHOICE_WAIT, 1 },
	{ "xu", CHOICE_UPSTREAM, 1 },
	{ "xd", CHOICE_UPSTREAM, 1 },
	{ "xx", CHOICE_WAIT, 0 },
	{ "rx", CHOICE_WAIT, 0 },
	{ "xr", CHOICE_WAIT, 1 },
	{ "xU", CHOICE_NONE, -1 },
	{ "xD", CHOICE_NONE, -1 },
	{ "xS", CHOICE_NONE, -1 },

	/* direct: when all others are down, unresolved or failed, and none has
	 * answered. */
	{ ">", CHOICE_DIRECT, -1 },
	{ "!", CHOICE_NONE, -1 },
	{ "u>", CHOICE_UPSTREAM, 0 },
	{ "U>", CHOICE_DIRECT, -1 },
	{ "d>", CHOICE_DIRECT, -1 },
	{ "D>", CHOICE_DIRECT, -1 },
	{ "S>", CHOICE_NONE, -1 },
	{ "x>", CHOICE_DIRECT, -1 },
	{ "r>", CHOICE_WAIT, 0 },
	{ "SU>", CHOICE_NONE, -1 },
	{ "Sd>", CHOICE_NONE, -1 },
	{ "Su>", CHOICE_UPSTREAM, 1 },
	{ "dU>", CHOICE_DIRECT, -1 },
	{ "xd>", CHOICE_DIRECT, -1 },
	{ "d!", CHOICE_NONE, -1 },
	{ "DU!", CHOICE_NONE, -1 },
};

static struct upstream_list list;
static struct upstream_choice_input input;

static void
read_state(const char *state)
{
	memset(&list, 0, sizeof list);
	memset(&input, 0, sizeof input);
	input.list = &list;
	for (unsigned i = 0; state[i] != '\0'; i++) {
		list.direct |= strchr(">!", state[i]) != NULL;
		input.direct_tried |= state[i] == '!';
		if (list.direct)
			continue;
		list.members[list.count++] = (uint8_t)i;
		input.conditions[i] = strchr("uUS", state[i]) != NULL
		    ? UPSTREAM_UP
		    : strchr("dD", state[i]) != NULL ? UPSTREAM_DOWN
		    : state[i] == 'r'		     ? UPSTREAM_RESOLVING
						     : UPSTREAM_UNRESOLVED;
		if (strchr("UDS", state[i]) != NULL)
			input.tried |= (uint8_t)(1u << i);
		if (state[i] == 'S')
			input.refused |= (uint8_t)(1u << i);
	}
}

static void
each_state_has_its_choice(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unsigned upstream = UPSTREAMS_MAX;

		read_state(rows[i].state);
		CHECK_ROW(upstream_choose(&input, &upstream) == rows[i].choice,
		    rows[i].state);
		CHECK_ROW((rows[i].upstream == -1
				  ? UPSTREAMS_MAX
				  : (unsigned)rows[i].upstream) == upstream,
		    rows[i].state);
	}
}

static void
the_list_s_order_counts_not_that_of_the_upstreams(void)
{
	unsigned upstream;

	read_state("uuu");
	list.members[0] = 2;
	list.members[2] = 0;
	CHECK(upstream_choose(&input, &upstream) == CHOICE_UPSTREAM);
	CHECK(upstream == 2);
	list.count = 1;
	input.conditions[2] = UPSTREAM_DOWN;
	CHECK(upstream_choose(&input, &upstream) == CHOICE_UPSTREAM);
	CHECK(upstream == 2);
}

static void
the_heaviest_comes_first(void)
{
	static const uint64_t weights[] = { 5, UINT64_MAX, 7, 7 };
	static const unsigned order[] = { 1, 2, 3, 0 };
	unsigned upstream;

	for (unsigned all = 0; all < 2; all++) {
		read_state(all == 0 ? "uuuu" : "dddd");
		memcpy(input.weights, weights, sizeof weights);
		for (unsigned i = 0; i < 4; i++) {
			CHECK(upstream_choose(&input, &upstream) ==
			    CHOICE_UPSTREAM);
			CHECK(upstream == order[i]);
			input.tried |= (uint8_t)(1u << upstream);
		}
		CHECK(upstream_choose(&input, &upstream) == CHOICE_NONE);
	}
}

static void
what_is_left_is_known_before_a_dial(void)
{
	static const struct {
		const char *state;
		unsigned upstream;
		bool has_next;
	} next_rows[] = {
		{ "u", 0, false },
		{ "d", 0, false },
		{ "uu", 0, true },
		{ "Uu", 1, false },
		{ "ud", 0, true },
		{ "Sd", 1, false },
		{ "Du", 1, false },
		{ "dd", 0, true },
		{ "Dd", 1, false },
		{ "ux", 0, false },
		{ "ur", 0, true },
		{ "u>", 0, true },
		{ "Su>", 1, false },
		{ "u!", 0, false },
	};

	for (size_t i = 0; i < sizeof next_rows / sizeof next_rows[0]; i++) {
		read_state(next_rows[i].state);
		CHECK_ROW(upstream_choice_has_next(&input,
			      next_rows[i].upstream) == next_rows[i].has_next,
		    next_rows[i].state);
	}
}

int
main(void)
{
	RUN(each_state_has_its_choice);
	RUN(the_list_s_order_counts_not_that_of_the_upstreams);
	RUN(the_heaviest_comes_first);
	RUN(what_is_left_is_known_before_a_dial);
	return check_report();
}
