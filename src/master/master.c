/* SPDX-License-Identifier: MIT */
#include "master/master.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/signals.h"
#include "base/text.h"
#include "master/books.h"
#include "master/capacity_warning.h"
#include "master/log_relay.h"
#include "master/reap.h"
#include "master/snapshot.h"
#include "master/stop.h"

/* Where the socket listens: without IPv6 that is not -local-address. */
static void
say_started(const struct config *config, int listener_fd)
{
	struct address address = config->local_address;
	socklen_t length = sizeof address;
	char text[ADDRESS_TEXT_SIZE], words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	getsockname(listener_fd, &address.any, &length);
	text_format(&line, "handyproxy " VERSION " listening on %s, upstream ",
	    address_text(&address, text));
	upstream_list_append(
	    &line, &config->proxies.list, &config->proxies.upstreams);
	log_notice("%s, %u workers", words, config->workers);
}

/* Without memory for its page there is no status process. */
static void
open_status(struct supervisor *supervisor, int listener_fd)
{
	char words[LOG_WORDS_SIZE];
	struct text text = text_in(words, sizeof words);

	supervisor->status_fd = listener_fd;
	if (listener_fd == -1)
		return;
	status_address_append(&text, &supervisor->config.status_address);
	supervisor->children.snapshot_page = snapshot_map();
	supervisor->books = books_open(clock_now_ms());
	if (supervisor->children.snapshot_page != NULL &&
	    supervisor->books != NULL) {
		log_notice("status on %s", words);
		if (tunnel_lists_map(&supervisor->children.tunnel_lists) == -1)
			log_warning("the status has no list of tunnels "
				    "cause=\"%s\"",
			    strerror(errno));
		return;
	}
	log_error("no status on %s cause=\"%s\"", words, strerror(errno));
	snapshot_unmap(&supervisor->children.snapshot_page);
	books_close(&supervisor->books);
	descriptor_close(&supervisor->status_fd);
}

/* One slot for each pipe from each child; the array grows with them. */
struct slots {
	struct pollfd *array;
	size_t count, capacity;
};

enum { SLOTS_EACH = 2, SLOTS_MORE = 8 * SLOTS_EACH };

enum { BLIND_MS = 100 }; /* between two looks, without poll(2) */

static bool
slots_reserve(struct slots *slots, size_t count)
{
	struct pollfd *array;

	if (count <= slots->capacity)
		return true;
	array = reallocarray(slots->array, count + SLOTS_MORE, sizeof *array);
	if (array == NULL)
		return false;
	slots->array = array;
	slots->capacity = count + SLOTS_MORE;
	return true;
}

static void
slots_add(struct slots *slots, int fd)
{
	slots->array[slots->count++] = (struct pollfd){ fd, POLLIN, 0 };
}

/* Without memory for all, the last children have no slots. */
static void
slots_fill(struct slots *slots, const struct children *children)
{
	const struct child *child;

	slots->count = 0;
	for (child = children->first; child != NULL; child = child->next) {
		if (!slots_reserve(slots, slots->count + SLOTS_EACH))
			return;
		slots_add(slots, child->messages_fd);
		slots_add(slots, child->stderr_fd);
	}
}

/* Pipes that poll(2) has not looked at are read all the same: they never
 * block. */
static void
read_children(
    struct supervisor *supervisor, const struct slots *slots, bool polled)
{
	size_t i = 0;

	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next, i += SLOTS_EACH) {
		bool is_known = polled && i < slots->count;

		if (!is_known || slots->array[i].revents != 0)
			supervisor_read(supervisor, child);
		if (!is_known || slots->array[i + 1].revents != 0)
			log_relay_read_stderr(child);
	}
}

/* Where the system refuses to wait for the pipes (RLIMIT_NOFILE was taken down
 * behind our back, no memory), they are read now and then. */
static void
run_once(struct supervisor *supervisor, const struct invocation *invocation,
    struct slots *slots)
{
	bool polled;
	int ready;

	slots_fill(slots, &supervisor->children);
	ready = signals_wait(
	    slots->array, slots->count, supervisor_timeout_ms(supervisor));
	polled = ready != -1 || errno == EINTR;
	if (!polled)
		signals_wait(NULL, 0, BLIND_MS);
	supervisor->now_ms = clock_now_ms();
	awake_clock_advance(&supervisor->awake, supervisor->now_ms);
	if (ready > 0)
		signals_let_in();
	read_children(supervisor, slots, polled);
	if (signals_take(SIGNAL_CHILD) > 0)
		reap_dead(supervisor);
	if (signals_take(SIGNAL_RELOAD) > 0 && !supervisor->stopping)
		reload_run(supervisor, invocation);
	if (signals_take(SIGNAL_TOTALS) > 0)
		totals_log(&supervisor->children, &supervisor->dead_totals,
		    &supervisor->upstreams);
	for (int i = signals_take(SIGNAL_STOP); i > 0; i--)
		stop_begin(supervisor);
	capacity_warning_update(supervisor);
	if (supervisor->now_ms >= supervisor->tick_ms) {
		slow_upstreams_tick(&supervisor->slow_upstreams,
		    &supervisor->children, &supervisor->upstreams,
		    supervisor->now_ms);
		supervisor_tick(supervisor);
	}
	supervisor_reconcile(supervisor);
	snapshot_tick(supervisor);
}

static void
supervise(struct supervisor *supervisor, const struct invocation *invocation)
{
	struct slots slots = { .array = NULL };

	supervisor->now_ms = clock_now_ms();
	awake_clock_begin(&supervisor->awake, supervisor->now_ms);
	supervisor->tick_ms = supervisor->now_ms + SUPERVISOR_TICK_MS;
	upstreams_configure(&supervisor->upstreams, &supervisor->children,
	    &supervisor->config.upstreams);
	snapshot_configure(supervisor);
	supervisor_reconcile(supervisor);
	while (!supervisor_is_done(supervisor))
		run_once(supervisor, invocation, &slots);
	free(slots.array);
	totals_log(&supervisor->children, &supervisor->dead_totals,
	    &supervisor->upstreams);
	log_notice("stopped");
	reap_last(supervisor);
}

void
master_run(struct config *config, const struct invocation *invocation,
    const struct master_start *start)
{
	static struct supervisor supervisor;

	supervisor.config = *config;
	credentials_wipe(&config->upstream_credentials);
	listener_remember(&supervisor.listener, start->listener_fd);
	supervisor.pid_file_fd = start->pid_file_fd;
	supervisor.children.oom_score = start->oom_score;
	for (size_t kind = 0; kind < CHILD_KINDS; kind++)
		supervisor.children.mains[kind] = start->mains[kind];
	say_started(config, start->listener_fd);
	supervisor.capacity = limits_capacity(config);
	if (client_counts_map(&supervisor.children.client_counts) == -1)
		log_warning("-max-per-client holds for each worker by itself "
			    "cause=\"%s\"",
		    strerror(errno));
	open_status(&supervisor, start->status_fd);
	supervise(&supervisor, invocation);
}
