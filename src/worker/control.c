#include "worker/control.h"

#include <errno.h>
#include <stdio.h>

#include "base/process_name.h"
#include "base/signals.h"
#include "ipc/control_record.h"
#include "ipc/log_pipe.h"
#include "worker/acceptor.h"
#include "worker/states.h"
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
	control_name_process(worker);
}

/* A pending connection may leave the list when it hears of them. */
static void
take_addresses(
    struct worker *worker, const struct upstream_addresses *addresses)
{
	struct pending_entry *next;

	upstreams_take(&worker->upstreams, addresses);
	for (struct pending_entry *entry = worker->pending.oldest;
	     entry != NULL; entry = next) {
		next = entry->next;
		states_wake(worker, connection_of_pending(entry), WAKE_NEWS);
	}
}

void
control_read(struct worker *worker)
{
	struct control_record record;
	int result = control_record_read(worker->control.fd, &record);

	if (result == -1 && errno != EBADMSG)
		return;
	if (result <= 0) { /* the master is gone, or no master of ours */
		watch_close(&worker->control);
		drain(worker, worker->config->drain_timeout_ms);
		return;
	}
	counters_progress(worker->counters);
	switch (record.kind) {
	case CONTROL_ADDRESSES:
		take_addresses(worker, &record.addresses);
		break;
	case CONTROL_LIMIT:
		worker->limit = record.limit;
		break;
	case CONTROL_DRAIN:
		drain(worker, record.drain_ms);
		break;
	case CONTROL_LOOKUP:
		break;
	}
}

void
control_stop(struct worker *worker)
{
	if (!signals_take_stop(worker->stop.fd))
		return;
	log_pipe_signal(LOG_RECORD_DRAINS);
	drain(worker, worker->config->drain_timeout_ms);
}
