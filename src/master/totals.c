/* SPDX-License-Identifier: MIT */
#include "master/totals.h"

#include "base/log.h"
#include "base/text.h"

static uint64_t
add_each(uint64_t *sums, struct counter *counters, unsigned count)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < count; i++) {
		uint64_t value = counter_read(&counters[i]);

		sums[i] += value;
		all += value;
	}
	return all;
}

/* Ends are read first: a connection that ends meanwhile is open. A worker that
 * was taken over may have counted more of them than it accepted. */
void
totals_add(struct totals *totals, struct counters *counters, bool lives)
{
	uint64_t ends = add_each(totals->ended, counters->ended, RESULTS) +
	    add_each(totals->failed, counters->failed, FAILURES);
	uint64_t accepted = counter_read(&counters->accepted);
	uint64_t open = ends < accepted ? accepted - ends : 0;

	totals->accepted += accepted;
	*(lives ? &totals->open : &totals->crashed) += open;
	add_each(totals->refused, counters->refused, REFUSAL_STATUSES);
	totals->tunnelled += counter_read(&counters->tunnelled) +
	    counter_read(&counters->direct);
	totals->relayed += counter_read(&counters->relayed);
	totals->ready_taken += counter_read(&counters->ready_taken);
	totals->ready_expired += counter_read(&counters->ready_expired);
	totals->ready_stale += counter_read(&counters->ready_stale);
	totals->sent += counter_read(&counters->sent);
	totals->received += counter_read(&counters->received);
	totals->spliced += counter_read(&counters->spliced);
}

static void
append(struct text *line, const char *prefix, const char *key, uint64_t value)
{
	text_format(line, " %s%s=%llu", prefix, key, (unsigned long long)value);
}

static void
log_totals(const char *whose, const struct totals *totals)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	text_format(&line, "totals of %s", whose);
	append(&line, "", "accepted", totals->accepted);
	append(&line, "", "open", totals->open);
	append(&line, "", "tunnelled", totals->tunnelled);
	append(&line, "", "relayed", totals->relayed);
	for (unsigned i = 0; i < RESULTS; i++)
		append(&line, "", result_name((enum connection_result)i),
		    totals->ended[i]);
	append(&line, "", "crashed", totals->crashed);
	for (unsigned i = 0; i < FAILURES; i++)
		append(&line, "", failure_name((enum failure)i),
		    totals->failed[i]);
	for (unsigned i = 0; i < REFUSAL_STATUSES; i++)
		append(&line, "refused_", refusal_name(i), totals->refused[i]);
	append(&line, "", "ready_taken", totals->ready_taken);
	append(&line, "", "ready_expired", totals->ready_expired);
	append(&line, "", "ready_stale", totals->ready_stale);
	append(&line, "", "sent", totals->sent);
	append(&line, "", "received", totals->received);
	append(&line, "", "spliced", totals->spliced);
	log_notice("%s", words);
}

struct upstream_totals {
	unsigned up, down; /* workers for which it is so */
	uint64_t open, dialled, dial_failures;
};

/* A worker that drains probes none. */
static void
add_upstream(
    struct upstream_totals *totals, const struct child *child, unsigned index)
{
	struct upstream_counters *counters = &child->counters->upstreams[index];

	if (child->state != CHILD_DRAINING) {
		if (counter_now(&counters->is_down) != 0)
			totals->down++;
		else
			totals->up++;
	}
	totals->open += counter_now(&counters->open);
	totals->dialled += counter_read(&counters->dialled);
	totals->dial_failures += counter_read(&counters->dial_failures);
}

static void
append_upstream(
    struct text *line, const struct upstreams *upstreams, unsigned index)
{
	text_append(line, " upstream=");
	if (index < upstreams->names.count)
		text_host(line, upstreams->names.list[index].host,
		    upstreams->names.list[index].port);
	else
		text_append(line, "direct");
}

static void
log_upstream(const struct children *children, const struct upstreams *upstreams,
    unsigned index)
{
	struct upstream_totals totals = { .up = 0 };
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->counters != NULL &&
		    child->upstream_generation == upstreams->generation)
			add_upstream(&totals, child, index);
	}
	if (index == UPSTREAMS_MAX && totals.dialled == 0 &&
	    totals.dial_failures == 0)
		return; /* direct is not in use */
	append_upstream(&line, upstreams, index);
	text_format(&line,
	    " up=%u down=%u open=%llu dialled=%llu dial_failures=%llu",
	    totals.up, totals.down, (unsigned long long)totals.open,
	    (unsigned long long)totals.dialled,
	    (unsigned long long)totals.dial_failures);
	log_notice("counts of an upstream%s", words);
}

void
totals_log(const struct children *children, const struct totals *dead_totals,
    const struct upstreams *upstreams)
{
	struct totals all = *dead_totals;

	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		struct totals own = { .accepted = 0 };
		char name[CHILD_NAME_SIZE];

		if (child->counters == NULL)
			continue;
		totals_add(&own, child->counters, true);
		totals_add(&all, child->counters, true);
		log_totals(child_name(child, name), &own);
	}
	log_totals("all", &all);
	for (unsigned i = 0; i < upstreams->names.count; i++)
		log_upstream(children, upstreams, i);
	log_upstream(children, upstreams, UPSTREAMS_MAX);
}
