/* SPDX-License-Identifier: MIT */
#include "master/child.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/log.h"
#include "master/memory_limit.h"

enum { LIMIT_PAUSE_MS = 100 };

const char *
child_name(const struct child *child, char name[CHILD_NAME_SIZE])
{
	return child_kind_name(child->kind, child->number, name);
}

bool
child_serve(struct child *child)
{
	if (child->state != CHILD_STARTING)
		return false;
	child->state = CHILD_SERVING;
	return true;
}

static int64_t
drain_until_ms(int64_t since_ms, int64_t drain_ms)
{
	return drain_ms == DRAIN_WITHOUT_END ? INT64_MAX : since_ms + drain_ms;
}

void
child_drain(struct child *child, int64_t now_ms, int64_t drain_ms)
{
	if (child->state == CHILD_DRAINING &&
	    drain_until_ms(child->draining_since_ms, child->drain_ms) <=
		drain_until_ms(now_ms, drain_ms))
		return;
	child->draining_since_ms = now_ms;
	child->state = CHILD_DRAINING;
	child->drain_ms = drain_ms;
	child->drain_was_told = false;
}

bool
child_tell(struct child *child, const struct message *message)
{
	return message_write(child->control_fd, message);
}

void
child_tell_drain(struct child *child)
{
	struct message message = {
		.kind = MESSAGE_DRAIN,
		.drain_ms = child->drain_ms,
	};

	if (!child->drain_was_told)
		child->drain_was_told = child_tell(child, &message);
}

static bool
is_due(const struct child *child, const struct message_limit *limit,
    int64_t now_ms)
{
	return limit->per_client != child->limit.per_client ||
	    limit->client_tables != child->limit.client_tables ||
	    (limit->connections != child->limit.connections &&
		now_ms - child->limit_told_ms >= LIMIT_PAUSE_MS);
}

void
child_tell_limit(
    struct child *child, struct message_limit limit, int64_t now_ms)
{
	struct message message = { .kind = MESSAGE_LIMIT, .limit = limit };

	if (!is_due(child, &limit, now_ms) || !child_tell(child, &message))
		return;
	child->limit = limit;
	child->limit_told_ms = now_ms;
	if (limit.connections <= child->limit_max)
		return;
	child->limit_max = limit.connections;
	memory_limit_set(child->pid, child->kind, limit.connections);
}

void
child_kill(struct child *child, enum child_end end)
{
	if (child->end != CHILD_END_NONE)
		return;
	kill(child->pid, SIGKILL);
	child->end = end;
}

void
child_kill_rogue(struct child *child)
{
	char name[CHILD_NAME_SIZE];

	log_error("%s wrote what none of ours writes, killed pid=%d",
	    child_name(child, name), (int)child->pid);
	child_kill(child, CHILD_END_ROGUE);
}

void
child_kill_mute(const struct child *child)
{
	kill(child->pid, SIGKILL);
}

bool
child_death_counts(const struct child *child, int status)
{
	switch (child->end) {
	case CHILD_END_OUTDATED:
	case CHILD_END_STOPPED:
		return false;
	case CHILD_END_NONE:
		return child->state != CHILD_DRAINING || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != 0;
	default:
		return true;
	}
}
