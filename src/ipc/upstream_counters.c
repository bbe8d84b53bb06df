/* SPDX-License-Identifier: MIT */
#include "ipc/upstream_counters.h"

#include <string.h>

enum { FAILURE_WORDS = FAILURE_WORDS_SIZE / sizeof(uint32_t) };

void
duration_counters_add(struct duration_counters *counters, int64_t time_ms)
{
	counter_add(&counters->buckets[histogram_bucket(time_ms)], 1);
	counter_add(&counters->sum_ms, time_ms > 0 ? (uint64_t)time_ms : 0);
}

void
duration_counters_read(
    struct duration_counters *counters, struct histogram *histogram)
{
	histogram->count = counter_read(&counters->buckets[HISTOGRAM_BUCKETS]);
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		histogram->buckets[i] = counter_read(&counters->buckets[i]);
		histogram->count += histogram->buckets[i];
	}
	histogram->sum_ms = counter_read(&counters->sum_ms);
}

/* The worker writes the time before it raises the count. The count is read
 * first, so that the time is not that of an earlier wait. */
static struct upstream_wait
read_wait(_Atomic uint32_t *counter, _Atomic uint32_t *since_ms, unsigned limit,
    int64_t now_ms)
{
	uint32_t count = counter_now(counter);
	uint32_t age_ms = (uint32_t)now_ms - counter_now(since_ms);

	if (count == 0 || count > limit)
		return (struct upstream_wait){ 0, 0 };
	return (struct upstream_wait){
		.count = count,
		.oldest_ms = age_ms <= INT32_MAX ? age_ms : 0,
	};
}

void
upstream_wait_add(struct upstream_wait *sum, const struct upstream_wait *wait)
{
	sum->count += wait->count;
	if (wait->oldest_ms > sum->oldest_ms)
		sum->oldest_ms = wait->oldest_ms;
}

struct upstream_wait
upstream_counters_wait(
    struct upstream_counters *counters, unsigned limit, int64_t now_ms)
{
	struct upstream_wait requests =
	    read_wait(&counters->waiting, &counters->oldest_ms, limit, now_ms);
	struct upstream_wait dials = read_wait(
	    &counters->dialling, &counters->unanswered_ms, limit, now_ms);

	upstream_wait_add(&requests, &dials);
	return requests;
}

void
upstream_counters_begin_dial(struct upstream_counters *counters, int64_t now_ms)
{
	if (counter_now(&counters->dialling) == 0)
		counter_set(&counters->unanswered_ms, (uint32_t)now_ms);
	counter_step(&counters->dialling, 1);
}

void
upstream_counters_end_dial(struct upstream_counters *counters)
{
	counter_step(&counters->dialling, -1);
}

void
upstream_counters_note_dial(
    struct upstream_counters *counters, int64_t now_ms, bool failed)
{
	counter_set(&counters->last_dial, (uint32_t)now_ms << 1 | failed);
	if (!failed)
		counter_set(&counters->unanswered_ms, (uint32_t)now_ms);
}

void
last_failure_set(
    struct last_failure *failure, int64_t now_ms, const char *words)
{
	char bytes[FAILURE_WORDS_SIZE] = "";
	uint32_t word;

	strncpy(bytes, words, sizeof bytes - 1);
	counter_begin_change(&failure->changes);
	counter_set(&failure->at_s, (uint32_t)(now_ms / 1000));
	for (size_t i = 0; i < FAILURE_WORDS; i++) {
		memcpy(&word, bytes + i * sizeof word, sizeof word);
		counter_set(&failure->words[i], word);
	}
	counter_end_change(&failure->changes);
}

static void
make_printable(char words[FAILURE_WORDS_SIZE])
{
	words[FAILURE_WORDS_SIZE - 1] = '\0';
	for (; *words != '\0'; words++) {
		if (*words < ' ' || *words > '~')
			*words = '?';
	}
}

bool
last_failure_get(struct last_failure *failure, uint32_t *at_s,
    char words[FAILURE_WORDS_SIZE])
{
	uint32_t begun = counter_begin_read(&failure->changes);

	*at_s = counter_now(&failure->at_s);
	for (size_t i = 0; i < FAILURE_WORDS; i++) {
		uint32_t word = counter_now(&failure->words[i]);

		memcpy(words + i * sizeof word, &word, sizeof word);
	}
	make_printable(words);
	return begun != 0 && counter_was_whole(&failure->changes, begun);
}
