/* SPDX-License-Identifier: MIT */
/* upstream_choice.h - which upstream of its list a connection asks next: the
 * decision alone, from what is known of each. Pure. */

#ifndef UPSTREAM_CHOICE_H
#define UPSTREAM_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/upstream_list.h"

enum upstream_condition {
	UPSTREAM_UP,
	UPSTREAM_DOWN,
	UPSTREAM_RESOLVING, /* without an address, but not for long */
	UPSTREAM_UNRESOLVED, /* without an address for too long */
};

struct upstream_choice_input {
	const struct upstream_list *list;
	/* By upstream. The heaviest comes first, of equal ones the first of
	 * the list. */
	enum upstream_condition conditions[UPSTREAMS_MAX];
	uint64_t weights[UPSTREAMS_MAX];
	/* What became of the connection so far: a bit for each upstream. */
	uint8_t tried; /* dialled or asked */
	uint8_t refused; /* of these: answered with a status */
	bool direct_tried;
};

enum upstream_choice {
	CHOICE_UPSTREAM, /* *upstream is to be dialled */
	CHOICE_WAIT, /* for addresses, *upstream's above all */
	CHOICE_DIRECT, /* the original destination is to be dialled */
	CHOICE_NONE, /* nothing is left to try */
};

/* *upstream is set for the first two. */
enum upstream_choice upstream_choose(
    const struct upstream_choice_input *input, unsigned *upstream);

/* Whether something would be left if a dial to the upstream failed. */
bool upstream_choice_has_next(
    const struct upstream_choice_input *input, unsigned upstream);

#endif
