/* SPDX-License-Identifier: MIT */
#include "worker/silence.h"

#include <stddef.h>

#include "ipc/master_pipe.h"
#include "worker/worker.h"

/* Until a dial to it succeeds, or its time is over. */
static void
pass_over(struct worker *worker, struct upstream *upstream, unsigned address)
{
	upstream->silent_until_ms[address] =
	    worker->now_ms + worker->config->check_interval_ms;
	worker->health.has_news = true;
}

void
silence_found(struct worker *worker, unsigned index, unsigned address)
{
	struct upstream *upstream = &worker->upstreams[index];
	struct message_addresses silent = { .upstream = index };

	if (upstream->addresses.count == 1)
		return; /* there is none to try instead */
	pass_over(worker, upstream, address);
	silent.known.count = 1;
	silent.known.list[0] = upstream->addresses.list[address];
	master_pipe_silent(&silent);
}

/* The address may have gone meanwhile. */
static void
end(struct upstream *upstream, enum silence_verdict verdict)
{
	int address = upstream_find(upstream, &upstream->silence_check.address);

	if (address != -1 && verdict == SILENCE_BROKEN)
		upstream->silent_until_ms[address] = 0;
}

/* Checks what waits for it, until one check runs. */
static void
check_next(struct worker *worker, struct upstream *upstream)
{
	struct silence_check *check = &upstream->silence_check;

	for (unsigned i = 0;
	     i < upstream->addresses.count && check->watch.fd == -1; i++) {
		enum silence_verdict verdict;

		if ((upstream->unchecked >> i & 1) == 0)
			continue;
		upstream->unchecked &= ~(UINT32_C(1) << i);
		verdict = silence_check_begin(check, &worker->sockets,
		    &upstream->addresses.list[i], worker->now_ms);
		if (verdict != SILENCE_CHECKED_LATER)
			end(upstream, verdict);
	}
}

void
silence_heard(struct worker *worker, const struct message_addresses *silent)
{
	struct upstream *upstream = &worker->upstreams[silent->upstream];

	if (silent->upstream >= worker->config->upstreams.count ||
	    upstream->addresses.count == 1)
		return;
	for (unsigned i = 0; i < silent->known.count; i++) {
		int address = upstream_find(upstream, &silent->known.list[i]);

		if (address == -1 ||
		    upstream->silent_until_ms[address] > worker->now_ms)
			continue;
		pass_over(worker, upstream, (unsigned)address);
		upstream->unchecked |= UINT32_C(1) << address;
	}
	check_next(worker, upstream);
}

void
silence_step(struct worker *worker, struct watch *watch, uint32_t events)
{
	if (watch->fd == -1) /* it ended earlier in this turn */
		return;
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		struct upstream *upstream = &worker->upstreams[i];

		if (&upstream->silence_check.watch != watch)
			continue;
		end(upstream,
		    silence_check_step(&upstream->silence_check, events));
		check_next(worker, upstream);
	}
}

int64_t
silence_due_ms(const struct worker *worker)
{
	int64_t due_ms = DEADLINE_NEVER;

	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		int64_t own_ms =
		    silence_check_due_ms(&worker->upstreams[i].silence_check);

		if (own_ms < due_ms)
			due_ms = own_ms;
	}
	return due_ms;
}

void
silence_run(struct worker *worker)
{
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		struct upstream *upstream = &worker->upstreams[i];

		if (silence_check_due_ms(&upstream->silence_check) >
		    worker->now_ms)
			continue;
		silence_check_close(&upstream->silence_check);
		check_next(worker, upstream);
	}
}

void
silence_close(struct worker *worker)
{
	for (unsigned i = 0; i < worker->config->upstreams.count; i++)
		silence_check_close(&worker->upstreams[i].silence_check);
}
