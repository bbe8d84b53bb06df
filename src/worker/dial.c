/* SPDX-License-Identifier: MIT */
#include "worker/dial.h"

#include "event/deadlines.h"
#include "worker/upstream.h"

enum { PATIENCE_MS = 3000, ROUNDS_MAX = 16 };

_Static_assert(UPSTREAM_ADDRESSES_MAX <= 32, "a bit for each address");

void
dial_begin(struct dial *dial, unsigned generation, int64_t now_ms)
{
	dial->begun_ms = now_ms;
	dial->round = 0;
	dial->no_local_port = false;
	dial_renumber(dial, generation, -1);
}

void
dial_pause(struct dial *dial, int64_t now_ms)
{
	dial->paused_ms = now_ms;
}

void
dial_resume(struct dial *dial, int64_t now_ms)
{
	if (dial->paused_ms != 0)
		dial->until_ms += now_ms - dial->paused_ms;
	dial->paused_ms = 0;
}

bool
dial_has_time(const struct dial *dial, int64_t now_ms)
{
	return (dial->paused_ms != 0 ? dial->paused_ms : now_ms) <
	    dial->until_ms;
}

void
dial_renumber(struct dial *dial, unsigned generation, int current)
{
	dial->generation = generation;
	dial->tried = current == -1 ? 0 : UINT32_C(1) << current;
	dial->silent = 0;
	dial->waits_in_round = false;
}

void
dial_was_silent(struct dial *dial, unsigned index)
{
	dial->silent |= UINT32_C(1) << index;
	dial->waits_in_round = true;
}

static bool
has_bit(uint32_t bits, unsigned index)
{
	return (bits >> index & 1) != 0;
}

/* Others have found it silent, this connection has not. */
static bool
is_passed_over(
    const struct dial *dial, const struct upstream *upstream, unsigned index)
{
	return upstream->silent_until_ms[index] != 0 &&
	    !has_bit(dial->silent, index);
}

static bool
all_are_silent(const struct upstream *upstream)
{
	for (unsigned i = 0; i < upstream->addresses.count; i++) {
		if (upstream->silent_until_ms[i] == 0)
			return false;
	}
	return true;
}

/* Which addresses are looked for: those that may answer, those that are tried
 * again since their interval is over, or all. */
enum wanted { FRESH, EXPIRED, ANY };

static bool
is_wanted(const struct dial *dial, const struct upstream *upstream,
    unsigned index, enum wanted wanted, int64_t now_ms)
{
	switch (wanted) {
	case FRESH:
		return !is_passed_over(dial, upstream, index);
	case EXPIRED:
		return is_passed_over(dial, upstream, index) &&
		    now_ms >= upstream->silent_until_ms[index];
	case ANY:
		break;
	}
	return true;
}

/* In the list's order, beginning with the address that answered last. */
static int
find_untried(const struct dial *dial, const struct upstream *upstream,
    enum wanted wanted, int64_t now_ms)
{
	unsigned count = upstream->addresses.count;

	for (unsigned i = 0; i < count; i++) {
		unsigned index = (upstream->preferred + i) % count;

		if (!has_bit(dial->tried, index) &&
		    is_wanted(dial, upstream, index, wanted, now_ms))
			return (int)index;
	}
	return -1;
}

static int
find_in_round(const struct dial *dial, struct upstream *upstream,
    int64_t now_ms, int64_t interval_ms)
{
	int index;

	if (all_are_silent(upstream))
		return find_untried(dial, upstream, ANY, now_ms);
	index = find_untried(dial, upstream, FRESH, now_ms);
	if (index != -1)
		return index;
	index = find_untried(dial, upstream, EXPIRED, now_ms);
	if (index != -1)
		upstream->silent_until_ms[index] = now_ms + interval_ms;
	return index;
}

int
dial_next(struct dial *dial, struct upstream *upstream, int64_t now_ms,
    int64_t interval_ms)
{
	int index = find_in_round(dial, upstream, now_ms, interval_ms);

	if (index == -1 && dial->waits_in_round) {
		dial->tried = 0;
		dial->waits_in_round = false;
		if (dial->round < ROUNDS_MAX)
			dial->round++;
		index = find_in_round(dial, upstream, now_ms, interval_ms);
	}
	if (index != -1)
		dial->tried |= UINT32_C(1) << index;
	return index;
}

bool
dial_has_better(const struct dial *dial, const struct upstream *upstream,
    unsigned current, int64_t now_ms)
{
	return is_passed_over(dial, upstream, current) &&
	    find_untried(dial, upstream, FRESH, now_ms) != -1;
}

int64_t
dial_patience_ms(const struct dial *dial, const struct upstream *upstream)
{
	return upstream->addresses.count == 1
	    ? DEADLINE_NEVER
	    : (int64_t)PATIENCE_MS << dial->round;
}
