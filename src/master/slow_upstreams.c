/* SPDX-License-Identifier: MIT */
#include "master/slow_upstreams.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

static struct upstream_wait
wait_for(const struct children *children, const struct upstreams *upstreams,
    unsigned index, int64_t now_ms)
{
	struct upstream_wait sum = { 0, 0 }, wait;

	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->counters == NULL ||
		    child->upstream_generation != upstreams->generation)
			continue;
		wait =
		    upstream_counters_wait(&child->counters->upstreams[index],
			child->limit_max, now_ms);
		upstream_wait_add(&sum, &wait);
	}
	return sum;
}

static void
say(bool is_slow, const struct config_upstream *upstream,
    const struct upstream_wait *wait)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	text_append(&line, " upstream=");
	text_host(&line, upstream->host, upstream->port);
	if (is_slow)
		log_warning("upstream is slow to answer%s waiting=%u "
			    "oldest=%us",
		    words, wait->count, (unsigned)wait->oldest_ms / 1000);
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
		struct upstream_wait wait =
		    wait_for(children, upstreams, i, now_ms);
		bool is_slow = wait.oldest_ms >= UPSTREAM_SLOW_MS;

		if (is_slow != slow->is_slow[i])
			say(is_slow, &upstreams->names.list[i], &wait);
		slow->is_slow[i] = is_slow;
	}
}
