/* SPDX-License-Identifier: MIT */
#include "worker/samples.h"

#include <stdlib.h>

#include "worker/connection.h"

enum { CAPACITY_MIN = 256 };

void
samples_clear(struct samples *samples)
{
	free(samples->list);
	*samples = (struct samples){ .list = NULL };
}

/* Its place may be of other samples, or of those of a connection that had its
 * memory before. */
static const struct sample *
find(const struct samples *samples, const struct connection *connection)
{
	const struct sample *sample;

	if (connection->sample == 0 || connection->sample > samples->count)
		return NULL;
	sample = &samples->list[connection->sample - 1];
	return sample->connection == connection ? sample : NULL;
}

static bool
has_room(struct samples *samples)
{
	uint32_t capacity = samples->capacity < CAPACITY_MIN
	    ? CAPACITY_MIN
	    : samples->capacity * 2;
	struct sample *list;

	if (samples->count < samples->capacity)
		return true;
	list = realloc(samples->list, capacity * sizeof *list);
	if (list == NULL)
		return false;
	samples->list = list;
	samples->capacity = capacity;
	return true;
}

bool
samples_add(
    struct samples *samples, struct connection *connection, int64_t now_ms)
{
	if (find(samples, connection) != NULL || !has_room(samples))
		return false;
	samples->list[samples->count++] = (struct sample){
		.connection = connection,
		.sent = connection->flows[CLIENT].moved_bytes,
		.received = connection->flows[UPSTREAM].moved_bytes,
		.at_ms = now_ms,
	};
	connection->sample = samples->count;
	samples->end_ms = now_ms;
	return true;
}

static uint64_t
rate(uint64_t bytes, uint64_t before, int64_t ms)
{
	return (uint64_t)((double)(bytes - before) * 1000 / (double)ms);
}

void
samples_rate(const struct samples *samples, const struct connection *connection,
    int64_t now_ms, struct tunnel *tunnel)
{
	const struct sample *sample = find(samples, connection);
	const struct sample begin = { .at_ms = connection->started_ms };
	int64_t ms;

	if (sample == NULL && connection->started_ms >= samples->begin_ms)
		sample = &begin;
	if (sample == NULL || now_ms - sample->at_ms > SAMPLE_MAX_MS)
		return;
	ms = now_ms - sample->at_ms;
	if (ms < SAMPLE_MIN_MS)
		ms = SAMPLE_MIN_MS;
	tunnel->sent_rate = rate(tunnel->sent, sample->sent, ms);
	tunnel->received_rate = rate(tunnel->received, sample->received, ms);
}
