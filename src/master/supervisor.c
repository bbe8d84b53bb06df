/* SPDX-License-Identifier: MIT */
#include "master/supervisor.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "master/books.h"
#include "master/child_messages.h"
#include "master/client_tables.h"
#include "master/drains.h"
#include "master/hang.h"
#include "master/log_relay.h"
#include "master/log_sink.h"
#include "master/silence_relay.h"
#include "master/worker_limit.h"

enum {
	HURRY_MS = 100,
};

static struct message_limit
limit_of(const struct supervisor *supervisor, unsigned number,
    const struct child *self)
{
	return (struct message_limit){
		.connections = worker_limit(&supervisor->children,
		    supervisor->capacity.connections,
		    supervisor->config.workers, number, self),
		.per_client = supervisor->capacity.per_client,
		.client_tables = client_tables_used(supervisor->children.first),
	};
}

/* What a new child begins with. */
static struct role
role_of(
    const struct supervisor *supervisor, enum child_kind kind, unsigned number)
{
	struct role role = {
		.config = &supervisor->config,
		.number = number,
		.is_first = !supervisor->has_forked,
		.pipes = supervisor->capacity.pipes,
	};

	for (unsigned i = 0; i < UPSTREAMS_MAX; i++)
		role.upstreams[i] = supervisor->upstreams.list[i].known;
	if (kind == CHILD_WORKER)
		role.limit = limit_of(supervisor, number, NULL);
	return role;
}

static void
spawn(struct supervisor *supervisor, enum child_kind kind, unsigned number)
{
	struct respawn *respawn = &supervisor->respawns[kind][number];
	struct child *child;
	char name[CHILD_NAME_SIZE];
	struct spawn spawn = {
		.kind = kind,
		.generation = supervisor->generation,
		.upstream_generation = supervisor->upstreams.generation,
		.awake_ms = supervisor->awake.now_ms,
		.listener_fd = supervisor->listener.fd,
		.pid_file_fd = supervisor->pid_file_fd,
		.status_fd = supervisor->status_fd,
		.credentials = &supervisor->config.upstream_credentials,
	};

	if (supervisor->now_ms < respawn->due_ms)
		return;
	spawn.role = role_of(supervisor, kind, number);
	child =
	    children_spawn(&supervisor->children, &spawn, supervisor->now_ms);
	if (child != NULL) {
		supervisor->has_forked |= kind == CHILD_WORKER;
		if (kind == CHILD_WORKER && supervisor->books != NULL)
			books_begin(supervisor->books, child);
		if (kind == CHILD_LOG_WRITER)
			log_sink_use_writer(
			    child->control_fd, &child->lines_sent);
		return;
	}
	respawn_after_failed_fork(respawn, supervisor->now_ms);
	log_error("cannot start %s, trying again cause=\"%s\"",
	    child_kind_name(kind, number, name), strerror(errno));
}

static void
tell_worker(struct supervisor *supervisor, struct child *child)
{
	upstreams_tell(&supervisor->upstreams, child);
	silence_relay_tell(&supervisor->upstreams, child, supervisor->now_ms,
	    supervisor->config.check_interval_ms);
	if (child->state == CHILD_DRAINING)
		child_tell_drain(child);
	else if (child->generation == supervisor->generation)
		child_tell_limit(child,
		    limit_of(supervisor, child->number, child),
		    supervisor->now_ms);
}

static bool
has_starting_worker(const struct supervisor *supervisor)
{
	const struct child *child = supervisor->children.first;

	while (child != NULL &&
	    (child->kind != CHILD_WORKER || child->state != CHILD_STARTING))
		child = child->next;
	return child != NULL;
}

/* Outdated workers are replaced one at a time. */
static void
reconcile_worker(struct supervisor *supervisor, unsigned number)
{
	struct child *child =
	    children_serving(&supervisor->children, CHILD_WORKER, number);

	if (child == NULL ||
	    (child->generation != supervisor->generation &&
		!has_starting_worker(supervisor)))
		spawn(supervisor, CHILD_WORKER, number);
	drains_bound(&supervisor->children, number, supervisor->awake.now_ms,
	    supervisor->config.drain_timeout_ms);
}

/* Each name has a resolver of its own, so that none waits for another's name
 * server. An outdated one looks up another name: its successor comes when it is
 * dead. */
static void
reconcile_resolver(struct supervisor *supervisor, unsigned upstream)
{
	struct child *resolver =
	    children_serving(&supervisor->children, CHILD_RESOLVER, upstream);
	bool is_needed =
	    upstreams_need_resolver(&supervisor->upstreams, upstream);

	if (resolver == NULL) {
		if (is_needed)
			spawn(supervisor, CHILD_RESOLVER, upstream);
	} else if (resolver->generation != supervisor->generation ||
	    !is_needed) {
		child_kill(resolver, CHILD_END_OUTDATED);
	}
}

/* An outdated one ends with its last answer, once its successor serves. */
static void
reconcile_status(struct supervisor *supervisor)
{
	const struct child *child =
	    children_serving(&supervisor->children, CHILD_STATUS, 0);

	if (supervisor->status_fd != -1 &&
	    (child == NULL || child->generation != supervisor->generation))
		spawn(supervisor, CHILD_STATUS, 0);
}

void
supervisor_replace_log_writer(struct supervisor *supervisor)
{
	log_sink_use_writer(-1, NULL);
	if (!supervisor->stopping)
		spawn(supervisor, CHILD_LOG_WRITER, 0);
}

static void
reconcile_log_writer(struct supervisor *supervisor)
{
	struct child *writer =
	    children_serving(&supervisor->children, CHILD_LOG_WRITER, 0);

	if (writer != NULL && !log_sink_uses_writer(writer->control_fd)) {
		child_drain(
		    writer, supervisor->awake.now_ms, DRAIN_WITHOUT_END);
		children_close_control(writer);
		writer = NULL;
	}
	if (writer == NULL && log_sink_wants_writer())
		spawn(supervisor, CHILD_LOG_WRITER, 0);
}

void
supervisor_reconcile(struct supervisor *supervisor)
{
	if (!supervisor->stopping) {
		reconcile_log_writer(supervisor);
		for (unsigned n = 0; n < supervisor->config.workers; n++)
			reconcile_worker(supervisor, n);
		for (unsigned i = 0; i < UPSTREAMS_MAX; i++)
			reconcile_resolver(supervisor, i);
		reconcile_status(supervisor);
		upstreams_ask_resolver(&supervisor->upstreams,
		    &supervisor->children, supervisor->now_ms);
	}
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		if (supervisor->stopping &&
		    supervisor->now_ms >= supervisor->stop_until_ms &&
		    !child_kinds[child->kind].outlives_stop)
			child_kill(child, CHILD_END_STOPPED);
		if (child->kind == CHILD_STATUS &&
		    child->state == CHILD_DRAINING)
			child_tell_drain(child);
		if (child->kind != CHILD_WORKER)
			continue;
		if (child->number >= supervisor->config.workers)
			child_drain(
			    child, supervisor->awake.now_ms, DRAIN_WITHOUT_END);
		tell_worker(supervisor, child);
	}
	tunnel_lists_ask(&supervisor->tunnel_lists, &supervisor->children,
	    supervisor->now_ms);
}

static void
want_lookup(
    struct supervisor *supervisor, struct child *child, unsigned upstream)
{
	if (child->upstream_generation != supervisor->upstreams.generation)
		return;
	if (upstream < supervisor->upstreams.names.count)
		upstreams_lookup(&supervisor->upstreams, upstream);
	else
		child_kill_rogue(child);
}

/* What a kind may send is in its row. */
static void
handle(struct supervisor *supervisor, struct child *child,
    const struct message *message)
{
	switch (message->kind) {
	case MESSAGE_SERVING:
		if (child_serve(child))
			drains_retire_others(&supervisor->children, child,
			    supervisor->awake.now_ms);
		break;
	case MESSAGE_DRAINING:
		child_drain(child, supervisor->awake.now_ms,
		    supervisor->config.drain_timeout_ms);
		break;
	case MESSAGE_FULL:
	case MESSAGE_ROOM:
		child->full = message->kind == MESSAGE_FULL;
		break;
	case MESSAGE_LOOKUP:
		want_lookup(supervisor, child, message->upstream);
		break;
	case MESSAGE_SILENT:
		if (!silence_relay_take(&supervisor->upstreams,
			&supervisor->children, child, &message->addresses,
			supervisor->now_ms))
			child_kill_rogue(child);
		break;
	case MESSAGE_LIST:
		tunnel_lists_want(
		    &supervisor->tunnel_lists, child, &message->list);
		break;
	case MESSAGE_LISTED:
		tunnel_lists_answer(
		    &supervisor->children, child, &message->listed);
		break;
	case MESSAGE_LOOKING:
		child->heard_ms = supervisor->awake.now_ms;
		break;
	case MESSAGE_ADDRESSES:
		upstreams_answer(&supervisor->upstreams, &supervisor->children,
		    child, &message->addresses, supervisor->now_ms);
		break;
	default:
		break;
	}
}

void
supervisor_read(struct supervisor *supervisor, struct child *child)
{
	struct message message;

	if (!child_messages_read(child))
		return;
	while (child_messages_next(child, &message))
		handle(supervisor, child, &message);
}

/* Workers that give up their part of the room to the tunnels of predecessors
 * wait for the end of those, which nobody reports. */
void
supervisor_tick(struct supervisor *supervisor)
{
	bool waits = false;

	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		waits |= child->full && child->state != CHILD_DRAINING &&
		    child->limit.connections <
			supervisor->capacity.connections /
			    supervisor->config.workers;
		hang_end(child, supervisor->awake.now_ms);
		log_relay_loss(child);
		drains_end_overdue(child, supervisor->awake.now_ms);
	}
	worker_limit_check_clients(&supervisor->children);
	listener_tick(&supervisor->listener, &supervisor->children);
	supervisor->tick_ms =
	    supervisor->now_ms + (waits ? HURRY_MS : SUPERVISOR_TICK_MS);
	log_sink_tick();
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

int
supervisor_timeout_ms(const struct supervisor *supervisor)
{
	int64_t due_ms = earlier(supervisor->tick_ms,
	    upstreams_due_ms(&supervisor->upstreams, supervisor->now_ms));

	due_ms = earlier(due_ms, books_due_ms(supervisor->books));
	due_ms =
	    earlier(due_ms, tunnel_lists_due_ms(&supervisor->tunnel_lists));
	if (supervisor->stopping)
		due_ms = earlier(due_ms, supervisor->stop_until_ms);
	for (unsigned kind = 0; kind < CHILD_KINDS; kind++)
		due_ms = earlier(due_ms,
		    respawn_due_ms(supervisor->respawns[kind], CHILD_NUMBERS,
			supervisor->now_ms));
	due_ms -= supervisor->now_ms;
	return due_ms < 0 ? 0 : (int)due_ms;
}

bool
supervisor_is_done(const struct supervisor *supervisor)
{
	const struct child *child = supervisor->children.first;

	while (child != NULL && child_kinds[child->kind].outlives_stop)
		child = child->next;
	return supervisor->stopping && child == NULL;
}
