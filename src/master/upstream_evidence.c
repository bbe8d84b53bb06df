/* SPDX-License-Identifier: MIT */
#include "master/upstream_evidence.h"

#include <string.h>

/* The time is in 31 bits; both dials are of the last seconds. */
static bool
is_later(uint32_t dial, uint32_t other)
{
	return (int32_t)((dial & ~1U) - (other & ~1U)) >= 0;
}

static void
read_dial(struct upstream_evidence *evidence, struct upstream_memory *memory,
    uint32_t dial, bool is_down)
{
	bool failed = dial % 2 == 1;

	if (dial == memory->last_dial)
		return;
	memory->last_dial = dial;
	evidence->news.has_answered |= !failed && !is_down;
	if (evidence->news.has_dial &&
	    !is_later(dial, evidence->news.last_dial))
		return;
	evidence->news.has_dial = true;
	evidence->news.last_dial = dial;
	evidence->news.last_dial_failed = failed;
}

/* A worker that drains probes none. */
static void
read_vote(struct upstream_evidence *evidence, struct upstream_memory *memory,
    bool is_down)
{
	evidence->voters++;
	evidence->down += is_down;
	evidence->news.has_gone_down |= is_down && !memory->was_down;
	memory->was_down = is_down;
}

/* Of more connections than it may have it is not believed. */
static void
read_connections(struct upstream_evidence *evidence,
    struct upstream_counters *counters, unsigned limit, int64_t now_ms)
{
	uint32_t open = counter_now(&counters->open);
	struct upstream_wait wait =
	    upstream_counters_wait(counters, limit, now_ms);

	evidence->open += open <= limit ? open : 0;
	upstream_wait_add(&evidence->wait, &wait);
}

void
upstream_evidence_clear(struct upstream_evidence *evidence)
{
	*evidence = (struct upstream_evidence){ .news = evidence->news };
}

void
upstream_evidence_read(struct upstream_evidence *evidence,
    const struct child *worker, unsigned index, int64_t now_ms)
{
	struct upstream_counters *counters =
	    &worker->counters->upstreams[index];
	struct upstream_memory *memory = &worker->books->upstreams[index];
	bool is_down = counter_now(&counters->is_down) != 0;

	if (worker->state != CHILD_DRAINING)
		read_vote(evidence, memory, is_down);
	read_dial(evidence, memory, counter_now(&counters->last_dial), is_down);
	read_connections(evidence, counters, worker->limit_max, now_ms);
	if (memory->sums.dialled > 0)
		evidence->address = counter_now(&counters->address);
}

void
upstream_condition_note_failure(struct upstream_condition *condition,
    struct last_failure *failure, int64_t now_ms)
{
	char words[FAILURE_WORDS_SIZE];
	uint32_t at_s;
	int64_t at_ms;

	if (!last_failure_get(failure, &at_s, words))
		return;
	at_ms = (int64_t)at_s * 1000;
	if (at_ms < condition->failed_ms || at_ms > now_ms)
		return;
	condition->failed_ms = at_ms;
	memcpy(condition->failed_words, words, sizeof words);
}

/* While no worker takes clients nothing is known that is new. */
static bool
is_down(const struct upstream_condition *condition,
    const struct upstream_evidence *evidence)
{
	if (!condition->can_fail_over)
		return evidence->news.has_dial ? evidence->news.last_dial_failed
					       : condition->is_down;
	if (evidence->voters == 0)
		return condition->is_down;
	return evidence->down > 0 &&
	    (evidence->down == evidence->voters ||
		condition->answered_ms <= condition->went_down_ms);
}

void
upstream_condition_conclude(struct upstream_condition *condition,
    const struct upstream_evidence *evidence, int64_t now_ms)
{
	bool was_down = condition->is_down;

	if (evidence->news.has_gone_down)
		condition->went_down_ms = now_ms;
	if (evidence->news.has_answered)
		condition->answered_ms = now_ms;
	condition->is_down = is_down(condition, evidence);
	if (condition->is_down != was_down)
		condition->since_ms = now_ms;
}
