/* SPDX-License-Identifier: MIT */
#include "master/reap.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/signals.h"
#include "master/books.h"
#include "master/child_exit.h"
#include "master/child_messages.h"
#include "master/listener.h"
#include "master/log_relay.h"
#include "master/log_sink.h"
#include "master/tunnel_lists.h"

enum {
	LAST_READS = 256, /* more than two full pipes hold */
	END_GRACE_MS = 500, /* for a log writer whose disk works */
};

/* All that a dead child has left in its pipes, within reason. Of its messages
 * only that it drained still means anything. */
static void
read_last(struct supervisor *supervisor, struct child *child)
{
	struct message message;

	for (unsigned i = 0; i < LAST_READS && child_messages_read(child);
	     i++) {
		while (child_messages_next(child, &message)) {
			if (message.kind == MESSAGE_DRAINING)
				child_drain(child, supervisor->awake.now_ms,
				    supervisor->config.drain_timeout_ms);
		}
	}
	for (unsigned i = 0; i < LAST_READS && log_relay_read_stderr(child);
	     i++)
		continue;
	log_relay_end(child);
}

static void
forget(struct supervisor *supervisor, struct child *child, int status)
{
	int64_t uptime_ms = supervisor->now_ms - child->started_ms;

	if (child_death_counts(child, status))
		respawn_after_death(
		    &supervisor->respawns[child->kind][child->number],
		    uptime_ms, supervisor->now_ms);
	if (child->kind == CHILD_LOG_WRITER && child->state != CHILD_DRAINING)
		supervisor_replace_log_writer(supervisor);
	log_relay_bury(child);
	child_exit_log(child, status, supervisor->now_ms);
	books_bury(supervisor->books, child, child_death_counts(child, status),
	    supervisor->now_ms);
	if (child->counters != NULL)
		totals_add(&supervisor->dead_totals, child->counters, false);
	tunnel_lists_forget(&supervisor->children, child);
	children_remove(&supervisor->children, child);
}

/* A child is a zombie while its last words are read, so that its pid is still
 * its own. */
void
reap_dead(struct supervisor *supervisor)
{
	siginfo_t info = { .si_pid = 0 };
	int status;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid > 0) {
		struct child *child =
		    children_with_pid(&supervisor->children, info.si_pid);

		if (child != NULL)
			read_last(supervisor, child);
		if (waitpid(info.si_pid, &status, WNOHANG) == info.si_pid &&
		    child != NULL)
			forget(supervisor, child, status);
		info.si_pid = 0;
	}
	listener_restore(&supervisor->listener);
}

void
reap_last(struct supervisor *supervisor)
{
	int64_t until_ms = clock_now_ms() + END_GRACE_MS;

	log_sink_use_writer(-1, NULL);
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next)
		children_close_control(child);
	while (supervisor->children.first != NULL &&
	    (supervisor->now_ms = clock_now_ms()) < until_ms) {
		signals_wait(NULL, 0, (int)(until_ms - supervisor->now_ms));
		reap_dead(supervisor);
	}
}
