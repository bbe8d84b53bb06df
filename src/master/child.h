/* SPDX-License-Identifier: MIT */
/* child.h - one process that the master forked, as the master sees it: its
 * state, and whether its death counts. Master only.
 *
 *   STARTING -> SERVING -> DRAINING -> (reaped)
 *
 * It owns its pipes and its pages of counters; children.h makes, closes and
 * frees them. */

#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "ipc/log_counts.h"
#include "ipc/message.h"
#include "master/child_kind.h"
#include "master/log_quota.h"
#include "master/stderr_line.h"
#include "master/watchdog.h"

enum child_state {
	CHILD_STARTING, /* forked, and has not said that it serves */
	CHILD_SERVING,
	CHILD_DRAINING, /* takes no clients, ends with its last tunnel */
};

/* Why the master ended it. */
enum child_end {
	CHILD_END_NONE, /* the master did not */
	CHILD_END_OUTDATED, /* it belongs to an older configuration */
	CHILD_END_STOPPED, /* the time to stop is over */
	CHILD_END_HUNG,
	CHILD_END_ROGUE, /* it did what no child of ours does */
	CHILD_END_OVERDUE, /* it did not end its drain in time */
};

struct child {
	struct child *next;
	enum child_kind kind;
	unsigned number; /* among its kind */
	enum child_state state;
	enum child_end end;
	pid_t pid;
	unsigned generation, upstream_generation; /* of its configuration */
	int64_t started_ms, draining_since_ms, drain_ms; /* as DRAIN says */
	bool drain_was_told;
	int control_fd, messages_fd, stderr_fd; /* to it, from it, from it */
	struct message_reader reader;
	struct stderr_line stderr_line;
	struct log_quota log_quota;
	struct log_counts *log_counts;
	uint64_t lines_dropped; /* that it has counted there */
	uint64_t lines_sent; /* to the log writer */
	struct counters *counters;
	struct worker_books *books; /* owned; NULL: no status, no memory */
	struct heartbeat heartbeat;
	int64_t heard_ms; /* when it last said that it looks something up */
	struct message_limit limit; /* as last told */
	unsigned limit_max; /* connections, as ever told */
	int64_t limit_told_ms;
	unsigned client_table; /* of a worker: its index, or CLIENT_TABLES */
	uint32_t
	    list_number; /* of the list of tunnels that it owes, or wants */
	bool full; /* it says that it is at its limit */
	/* A bit for each whose addresses, or silent ones, it knows. */
	unsigned told_upstreams, told_silent;
};

const char *child_name(const struct child *child, char name[CHILD_NAME_SIZE]);
bool child_serve(struct child *child); /* false: it serves already */
/* A bound, or a shorter one, can be set later, and counts from then. */
void child_drain(struct child *child, int64_t now_ms, int64_t drain_ms);

/* False where the pipe is full: the caller tells it again at a later turn. */
bool child_tell(struct child *child, const struct message *message);
void child_tell_drain(struct child *child);
/* A limit of which only the number of connections differs is told ten times a
 * second at most: it follows from what other workers count, which may be
 * anything. */
void child_tell_limit(
    struct child *child, struct message_limit limit, int64_t now_ms);
/* Kills it, once; the first reason stays. A rogue is logged. */
void child_kill(struct child *child, enum child_end end);
void child_kill_rogue(struct child *child);
/* Its pipe of messages is at its end: it exits, or is made to. */
void child_kill_mute(const struct child *child);
/* False where its death was to be expected; `status` is waitpid(2)'s. */
bool child_death_counts(const struct child *child, int status);

#endif
