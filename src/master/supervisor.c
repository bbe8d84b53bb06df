#include "master/supervisor.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "master/child_exit.h"
#include "master/listener.h"
#include "master/log_sink.h"
#include "master/upstream.h"
#include "master/watchdog.h"
#include "master/worker_limit.h"

enum {
	STOP_GRACE_MS = 1000, /* for workers to end what is left, themselves */
	OVERDUE_MS = 5 * 1000,
	HURRY_MS = 100,
	DRAINING_MAX = 4, /* of one number, without a bound */
};

static void
spawn(struct supervisor *supervisor, unsigned number)
{
	struct respawn *respawn = &supervisor->respawns[number];
	char name[CHILD_NAME_SIZE];
	struct spawn spawn = {
		.config = &supervisor->config,
		.number = number,
		.generation = supervisor->generation,
		.upstream_generation = supervisor->upstream_generation,
		.is_first = !supervisor->has_forked,
		.addresses = supervisor->addresses,
		.pipes = supervisor->capacity.pipes,
		.listener_fd = supervisor->listener_fd,
		.pid_file_fd = supervisor->pid_file_fd,
	};

	if (supervisor->now_ms < respawn->due_ms)
		return;
	if (number != CHILD_RESOLVER)
		spawn.limit = worker_limit(supervisor, number, NULL);
	if (children_spawn(&supervisor->children, &spawn, supervisor->now_ms) !=
	    NULL) {
		supervisor->has_forked |= number != CHILD_RESOLVER;
		return;
	}
	respawn_after_failed_fork(respawn, supervisor->now_ms);
	log_error("cannot start %s, trying again cause=\"%s\"",
	    child_name(number, name), strerror(errno));
}

static int64_t
drain_until_ms(int64_t since_ms, int64_t drain_ms)
{
	return drain_ms == DRAIN_WITHOUT_END ? INT64_MAX : since_ms + drain_ms;
}

/* Moves a worker to its end. A bound, or a shorter one, can be set later, and
 * counts from then. */
static void
drain(struct supervisor *supervisor, struct child *child, int64_t drain_ms)
{
	if (child->state == CHILD_DRAINING &&
	    drain_until_ms(child->draining_since_ms, child->drain_ms) <=
		drain_until_ms(supervisor->now_ms, drain_ms))
		return;
	child->draining_since_ms = supervisor->now_ms;
	child->state = CHILD_DRAINING;
	child->drain_ms = drain_ms;
	child->drain_was_told = false;
}

static void
tell_worker(struct supervisor *supervisor, struct child *child)
{
	unsigned limit = worker_limit(supervisor, child->number, child);
	bool current = child->generation == supervisor->generation;

	upstream_tell(supervisor, child);
	if (child->state == CHILD_DRAINING) {
		if (!child->drain_was_told)
			child->drain_was_told = child_tell(child,
			    (struct control_record){ .kind = CONTROL_DRAIN,
				.drain_ms = child->drain_ms });
		return;
	}
	if (!current || limit == child->limit ||
	    !child_tell(child,
		(struct control_record){
		    .kind = CONTROL_LIMIT, .limit = limit }))
		return;
	child->limit = limit;
	if (limit > child->limit_max)
		child->limit_max = limit;
}

/* At most DRAINING_MAX of a number drain without a bound: the oldest gets
 * one. */
static void
bound_drains(struct supervisor *supervisor, unsigned number)
{
	struct child *oldest = NULL;
	unsigned count = 0;

	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		if (child->number != number || child->state != CHILD_DRAINING ||
		    child->drain_ms != DRAIN_WITHOUT_END)
			continue;
		count++;
		if (oldest == NULL ||
		    child->draining_since_ms <= oldest->draining_since_ms)
			oldest = child;
	}
	if (count > DRAINING_MAX)
		drain(supervisor, oldest, supervisor->config.drain_timeout_ms);
}

static bool
is_replacing(const struct supervisor *supervisor)
{
	const struct child *child = supervisor->children.first;

	while (child != NULL &&
	    (!child_is_worker(child) || child->state != CHILD_STARTING))
		child = child->next;
	return child != NULL;
}

/* Outdated workers are replaced one at a time. */
static void
reconcile_worker(struct supervisor *supervisor, unsigned number)
{
	struct child *child = children_serving(&supervisor->children, number);

	if (child == NULL ||
	    (child->generation != supervisor->generation &&
		!is_replacing(supervisor)))
		spawn(supervisor, number);
	bound_drains(supervisor, number);
}

/* An outdated one looks up another name: its successor comes when it is
 * dead. */
static void
reconcile_resolver(struct supervisor *supervisor)
{
	struct child *resolver =
	    children_serving(&supervisor->children, CHILD_RESOLVER);

	if (resolver == NULL) {
		if (upstream_needs_resolver(supervisor))
			spawn(supervisor, CHILD_RESOLVER);
	} else if (!resolver->was_killed &&
	    (resolver->generation != supervisor->generation ||
		!upstream_needs_resolver(supervisor))) {
		child_kill(resolver);
	}
}

void
supervisor_reconcile(struct supervisor *supervisor)
{
	if (!supervisor->stopping) {
		for (unsigned n = 0; n < supervisor->config.workers; n++)
			reconcile_worker(supervisor, n);
		reconcile_resolver(supervisor);
		upstream_ask_resolver(supervisor);
	}
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		if (supervisor->stopping &&
		    supervisor->now_ms >= supervisor->stop_until_ms) {
			child->was_stopped = true;
			child_kill(child);
		}
		if (!child_is_worker(child))
			continue;
		if (child->number >= supervisor->config.workers)
			drain(supervisor, child, DRAIN_WITHOUT_END);
		tell_worker(supervisor, child);
	}
}

/* The new worker accepts: the old ones of its number need not any more. */
static void
retire_others(struct supervisor *supervisor, const struct child *self)
{
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		if (child != self && child->number == self->number &&
		    child->state == CHILD_SERVING)
			drain(supervisor, child, DRAIN_WITHOUT_END);
	}
}

void
supervisor_handle(struct supervisor *supervisor, struct child *child,
    const struct child_messages *messages)
{
	if (messages->bad_message)
		child_kill_rogue(child);
	if (messages->accepts && child->state == CHILD_STARTING) {
		child->state = CHILD_SERVING;
		retire_others(supervisor, child);
	}
	if (messages->drains && child_is_worker(child))
		drain(supervisor, child, supervisor->config.drain_timeout_ms);
	if (messages->wants_lookup)
		upstream_lookup(supervisor);
}

void
supervisor_reap(struct supervisor *supervisor)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child =
		    children_with_pid(&supervisor->children, pid);
		struct child_messages messages = { .bad_message = false };

		if (child == NULL)
			continue;
		log_relay_finish(child, &messages);
		if (messages.drains)
			child->state = CHILD_DRAINING;
		if (child->counters != NULL)
			totals_add(
			    &supervisor->dead_totals, child->counters, false);
		if (child_exit_log(child, status, supervisor->now_ms))
			respawn_after_death(
			    &supervisor->respawns[child->number],
			    supervisor->now_ms - child->started_ms,
			    supervisor->now_ms);
		children_remove(&supervisor->children, child);
	}
}

/* A worker whose drain was bounded ends by itself, if it is sane. */
static void
end_overdue(const struct supervisor *supervisor, struct child *child)
{
	char name[CHILD_NAME_SIZE];

	if (child->state != CHILD_DRAINING || child->was_killed ||
	    child->drain_ms == DRAIN_WITHOUT_END ||
	    supervisor->now_ms - child->draining_since_ms <=
		child->drain_ms + OVERDUE_MS)
		return;
	log_error("%s has not ended its drain in time, killed pid=%d",
	    child_name(child->number, name), (int)child->pid);
	child_kill(child);
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
		    child->limit < supervisor->capacity.connections /
			    supervisor->config.workers;
		watchdog_look(child, supervisor->now_ms);
		end_overdue(supervisor, child);
	}
	if (supervisor->listener_fd != -1)
		listener_revive(supervisor->listener_fd);
	supervisor->tick_ms =
	    supervisor->now_ms + (waits ? HURRY_MS : SUPERVISOR_TICK_MS);
	log_sink_tick();
}

void
supervisor_stop(struct supervisor *supervisor)
{
	int64_t drain_ms = supervisor->config.drain_timeout_ms;

	if (supervisor->stopping) {
		supervisor->stop_until_ms = supervisor->now_ms;
		return;
	}
	log_notice("stopping, open tunnels have %lld.%03d s",
	    (long long)(drain_ms / 1000), (int)(drain_ms % 1000));
	supervisor->stopping = true;
	supervisor->stop_until_ms =
	    supervisor->now_ms + drain_ms + STOP_GRACE_MS;
	descriptor_close(&supervisor->listener_fd);
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		if (child_is_worker(child))
			drain(supervisor, child, drain_ms);
		else
			child_kill(child);
	}
}

int
supervisor_timeout_ms(const struct supervisor *supervisor)
{
	int64_t due_ms = supervisor->tick_ms;

	if (supervisor->stopping && supervisor->stop_until_ms < due_ms)
		due_ms = supervisor->stop_until_ms;
	if (supervisor->lookup_wanted &&
	    supervisor->lookup_from_ms > supervisor->now_ms &&
	    supervisor->lookup_from_ms < due_ms)
		due_ms = supervisor->lookup_from_ms;
	for (unsigned n = 0; n <= CHILD_RESOLVER; n++) {
		int64_t respawn_ms = supervisor->respawns[n].due_ms;

		if (respawn_ms > supervisor->now_ms && respawn_ms < due_ms)
			due_ms = respawn_ms;
	}
	due_ms -= supervisor->now_ms;
	return due_ms < 0 ? 0 : (int)due_ms;
}
