/* SPDX-License-Identifier: MIT */
#include "worker/upstream_choice.h"

#include <assert.h>

static bool
is_tried(const struct upstream_choice_input *input, unsigned upstream)
{
	return (input->tried >> upstream & 1) != 0;
}

/* The heaviest member in one of the conditions (a bit each) that was not tried;
 * -1 if there is none. */
static int
find_untried(const struct upstream_choice_input *input, unsigned conditions)
{
	const struct upstream_list *list = input->list;
	int best = -1;

	for (unsigned i = 0; i < list->count; i++) {
		unsigned member = list->members[i];

		if ((conditions >> input->conditions[member] & 1) == 0 ||
		    is_tried(input, member))
			continue;
		if (best == -1 || input->weights[member] > input->weights[best])
			best = (int)member;
	}
	return best;
}

/* How many members are in one of the conditions, tried or not. */
static unsigned
count_members(const struct upstream_choice_input *input, unsigned conditions)
{
	unsigned count = 0;

	for (unsigned i = 0; i < input->list->count; i++) {
		unsigned member = input->list->members[i];

		count += conditions >> input->conditions[member] & 1;
	}
	return count;
}

static bool
is_refused(const struct upstream_choice_input *input)
{
	for (unsigned i = 0; i < input->list->count; i++) {
		if ((input->refused >> input->list->members[i] & 1) != 0)
			return true;
	}
	return false;
}

enum upstream_choice
upstream_choose(const struct upstream_choice_input *input, unsigned *upstream)
{
	const unsigned in_use = 1u << UPSTREAM_UP | 1u << UPSTREAM_RESOLVING;
	const unsigned without = 1u << UPSTREAM_UNRESOLVED;
	int found = find_untried(input, in_use);

	assert(input->list->count > 0 || input->list->direct);
	if (found != -1) {
		*upstream = (unsigned)found;
		return input->conditions[found] == UPSTREAM_UP ? CHOICE_UPSTREAM
							       : CHOICE_WAIT;
	}
	if (input->list->direct)
		return input->direct_tried || is_refused(input) ? CHOICE_NONE
								: CHOICE_DIRECT;
	if (count_members(input, in_use) > 0)
		return CHOICE_NONE;
	if ((found = find_untried(input, 1u << UPSTREAM_DOWN)) != -1) {
		*upstream = (unsigned)found;
		return CHOICE_UPSTREAM;
	}
	if (count_members(input, without) < input->list->count)
		return CHOICE_NONE;
	*upstream = (unsigned)find_untried(input, without);
	return CHOICE_WAIT;
}

bool
upstream_choice_has_next(
    const struct upstream_choice_input *input, unsigned upstream)
{
	struct upstream_choice_input after = *input;
	unsigned next;

	after.tried |= (uint8_t)(1u << upstream);
	after.conditions[upstream] = UPSTREAM_DOWN;
	return upstream_choose(&after, &next) != CHOICE_NONE;
}
