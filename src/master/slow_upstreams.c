/* SPDX-License-Identifier: MIT */
#include "master/slow_upstreams.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

enum { SLOW_MS = 10 * 1000 };

struct wait {
	unsigned requests;
	uint32_t oldest_ms; /* how long the oldest has waited */
};

/* A worker that was taken over may say what it likes; of more requests than it
 * may have connections it is not believed. */
static void
add_worker(struct wait *wait, const struct child *worker, unsigned upstream,
    int64_t now_ms)
{
	struct upstream_counters *counters =
	    &worker->counters->upstreams[upstream];
	uint32_t waiting = counter_now(&counters->waiting);
	uint32_t age_ms = (uint32_t)now_ms - counter_now(&counters->oldest_ms);

	if (waiting == 0 || waiting > worker->limit_max)
		return;
	wait->requests += waiting;
	if (age_ms > wait->oldest_ms && age_ms <= INT32_MAX)
		wait->oldest_ms = age_ms;
}

static struct wait
wait_for(const struct children *children, const struct upstreams *upstreams,
    unsigned index, int64_t now_ms)
{
	struct wait wait = { 0, 0 };

	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->counters != NULL &&
		    child->upstream_generation == upstreams->generation)
			add_worker(&wait, child, index, now_ms);
	}
	return wait;
}

static void
say(bool is_slow, const struct config_upstream *upstream,
    const struct wait *wait)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	text_append(&line, " upstream=");
	text_host(&line, upstream->host, upstream->port);
	if (is_slow)
		log_warning("upstream is slow to answer%s waiting=%u "
			    "oldest=%us",
		    words, wait->requests, (unsigned)wait->oldest_ms / 1000);
	else
		log_notice("upstream answers again%s", words);
}

void
slow_upstreams_tick(struct slow_upstreams *slow,
    const struct children *children, const struct upstreams *upstreams,
    int64_t now_ms)
{
	if (slow->generation != upstreams->generation)
		*slow = (struct slow_upstreams){
			.generation = upstreams->generation,
		};
	for (unsigned i = 0; i < upstreams->names.count; i++) {
		struct wait wait = wait_for(children, upstreams, i, now_ms);
		bool is_slow = wait.oldest_ms >= SLOW_MS;

		if (is_slow != slow->is_slow[i])
			say(is_slow, &upstreams->names.list[i], &wait);
		slow->is_slow[i] = is_slow;
	}
}
