/* SPDX-License-Identifier: MIT */
#include "master/sums.h"

#include <stddef.h>

/* In bytes that is a petabyte a day for twelve years. JavaScript and Prometheus
 * know whole numbers up to twice as many. */
static const uint64_t believed_max = UINT64_C(1) << 52;

/* The ends come before `accepted`: a connection that ends meanwhile is open. */
static const struct row {
	size_t offset;
	unsigned first, count;
} rows[] = {
	{ offsetof(struct counters, ended), SUM_ENDED, RESULTS },
	{ offsetof(struct counters, failed), SUM_FAILED, FAILURES },
	{ offsetof(struct counters, accepted), SUM_ACCEPTED, 1 },
	{ offsetof(struct counters, tunnelled), SUM_TUNNELLED, 1 },
	{ offsetof(struct counters, relayed), SUM_RELAYED, 1 },
	{ offsetof(struct counters, direct), SUM_DIRECT, 1 },
	{ offsetof(struct counters, sent), SUM_SENT, 1 },
	{ offsetof(struct counters, received), SUM_RECEIVED, 1 },
	{ offsetof(struct counters, spliced), SUM_SPLICED, 1 },
	{ offsetof(struct counters, ready_taken), SUM_READY_TAKEN, 1 },
	{ offsetof(struct counters, ready_expired), SUM_READY_EXPIRED, 1 },
	{ offsetof(struct counters, ready_stale), SUM_READY_STALE, 1 },
	{ offsetof(struct counters, refused), SUM_REFUSED, REFUSAL_STATUSES },
	{ offsetof(struct counters, sniffs), SUM_SNIFFS, SNIFF_OUTCOMES },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

uint64_t
sums_raise(uint64_t sum, uint64_t counted)
{
	return counted > sum && counted <= believed_max ? counted : sum;
}

static void
read_row(struct sums *sums, struct counters *counters, const struct row *row)
{
	struct counter *counter =
	    (struct counter *)(void *)((char *)counters + row->offset);
	uint64_t *values = &sums->values[row->first];

	for (unsigned i = 0; i < row->count; i++)
		values[i] = sums_raise(values[i], counter_read(&counter[i]));
}

static uint64_t
sum_of(const struct sums *sums, unsigned first, unsigned end)
{
	uint64_t sum = 0;

	for (unsigned i = first; i < end; i++)
		sum += sums->values[i];
	return sum;
}

static uint64_t
ends(const struct sums *sums)
{
	return sum_of(sums, SUM_ENDED, SUM_FAILED + FAILURES);
}

/* One more than the limit is there while it is refused. */
void
sums_read(struct sums *sums, struct counters *counters, unsigned limit)
{
	uint64_t *accepted = &sums->values[SUM_ACCEPTED];
	uint64_t most;

	for (unsigned i = 0; i < ROWS; i++)
		read_row(sums, counters, &rows[i]);
	most = ends(sums) + limit + 1;
	if (*accepted > most)
		*accepted = most;
	if (*accepted < ends(sums))
		*accepted = ends(sums);
}

void
sums_add(struct sums *all, const struct sums *more)
{
	for (unsigned i = 0; i < SUMS; i++)
		all->values[i] += more->values[i];
}

uint64_t
sums_open(const struct sums *sums)
{
	return sums->values[SUM_ACCEPTED] - ends(sums);
}

uint64_t
sums_failed(const struct sums *sums)
{
	return sum_of(sums, SUM_FAILED, SUM_FAILED + FAILURES);
}

static uint64_t
beyond(const struct histogram *histogram)
{
	uint64_t in_buckets = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		in_buckets += histogram->buckets[i];
	return histogram->count - in_buckets;
}

static void
raise_histogram(struct histogram *sum, struct duration_counters *counters)
{
	struct histogram counted;
	uint64_t count;

	duration_counters_read(counters, &counted);
	count = sums_raise(beyond(sum), beyond(&counted));
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum->buckets[i] =
		    sums_raise(sum->buckets[i], counted.buckets[i]);
		count += sum->buckets[i];
	}
	sum->count = count;
	sum->sum_ms = sums_raise(sum->sum_ms, counted.sum_ms);
}

void
upstream_sums_read(
    struct upstream_sums *sums, struct upstream_counters *counters)
{
	sums->dialled =
	    sums_raise(sums->dialled, counter_read(&counters->dialled));
	sums->dial_failures = sums_raise(
	    sums->dial_failures, counter_read(&counters->dial_failures));
	sums->refused =
	    sums_raise(sums->refused, counter_read(&counters->refused));
	raise_histogram(&sums->connect, &counters->connect);
	raise_histogram(&sums->answer, &counters->answer);
}

void
upstream_sums_add(struct upstream_sums *all, const struct upstream_sums *more)
{
	all->dialled += more->dialled;
	all->dial_failures += more->dial_failures;
	all->refused += more->refused;
	histogram_add(&all->connect, &more->connect);
	histogram_add(&all->answer, &more->answer);
}
