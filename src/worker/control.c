/* SPDX-License-Identifier: MIT */
#include "worker/control.h"

#include <stdio.h>

#include "base/process_name.h"
#include "base/signals.h"
#include "ipc/master_pipe.h"
#include "worker/acceptor.h"
#include "worker/lister.h"
#include "worker/ready.h"
#include "worker/silence.h"
#include "worker/worker.h"

void
control_name_process(const struct worker *worker)
{
	char name[32];

	snprintf(name, sizeof name, "handyproxy:%c%u",
	    worker->draining ? 'd' : 'w', worker->number);
	process_name_set(name);
}

/* No more clients; the tunnels have drain_ms, or for ever. A second call can
 * only shorten that. */
static void
drain(struct worker *worker, int64_t drain_ms)
{
	int64_t until_ms = drain_ms == DRAIN_WITHOUT_END
	    ? DEADLINE_NEVER
	    : worker->now_ms + drain_ms;

	if (!worker->draining)
		worker->drain_until_ms = until_ms;
	else if (until_ms < worker->drain_until_ms)
		worker->drain_until_ms = until_ms;
	worker->draining = true;
	acceptor_close(worker);
	ready_drop_all(worker);
	control_name_process(worker);
}

/* The connections hear of it behind the batch of events: one of these may be of
 * a socket that a connection gives up for another address. */
static void
take_addresses(struct worker *worker, const struct message_addresses *addresses)
{
	if (addresses->upstream >= worker->config->upstreams.count)
		return;
	upstream_take(
	    &worker->upstreams[addresses->upstream], &addresses->known);
	ready_drop_others(worker, addresses->upstream);
	worker->health.has_news = true;
}

static void
handle(struct worker *worker, const struct message *message)
{
	counters_note_progress(worker->counters);
	switch (message->kind) {
	case MESSAGE_ADDRESSES:
		take_addresses(worker, &message->addresses);
		break;
	case MESSAGE_SILENT:
		silence_heard(worker, &message->addresses);
		break;
	case MESSAGE_LIMIT:
		worker->limit = message->limit;
		clients_look_at(&worker->clients, worker->limit.client_tables);
		ready_make_room(worker);
		break;
	case MESSAGE_LIST:
		lister_ask(worker, &message->list);
		break;
	case MESSAGE_DRAIN:
		drain(worker, message->drain_ms);
		break;
	default:
		break;
	}
}

/* Where the master is gone, or is no master of ours, the worker drains. */
void
control_read(struct worker *worker)
{
	int filled = message_fill(&worker->messages, worker->control.fd);
	enum message_verdict verdict = MESSAGE_PARTIAL;
	struct message message;

	if (filled == -1)
		return;
	if (filled == 1) {
		while ((verdict = message_next(&worker->messages, MESSAGE_DOWN,
			    &message)) == MESSAGE_WHOLE)
			handle(worker, &message);
	}
	if (filled == 0 || verdict == MESSAGE_INVALID) {
		watch_close(&worker->control);
		drain(worker, worker->config->drain_timeout_ms);
	}
}

void
control_stop(struct worker *worker)
{
	if (!signals_take_stop(worker->stop.fd))
		return;
	master_pipe_state(MESSAGE_DRAINING);
	drain(worker, worker->config->drain_timeout_ms);
}
