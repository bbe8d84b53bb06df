/* child.h - one process that the master forked: what connects the two, what
 * the master knows of it, its state, and whether its death counts. Master only.
 *
 *   STARTING -> SERVING -> DRAINING -> (reaped)
 *
 * A struct child owns its pipes and its page of counters; children.h makes and
 * frees it, and closes them. */

#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/counters.h"
#include "ipc/message.h"
#include "master/child_kind.h"

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
	CHILD_END_ROGUE, /* it wrote what no child of ours writes */
	CHILD_END_OVERDUE, /* it did not end its drain in time */
};

enum { STDERR_LINE_SIZE = 512 };

/* What the watchdog saw last, and since when it has seen nothing else. */
struct heartbeat {
	bool slept; /* up to the last look */
	uint32_t progress;
	uint32_t turns;
	int64_t alive_ms;
};

struct child {
	struct child *next;
	enum child_kind kind;
	unsigned number; /* among its kind */
	enum child_state state;
	enum child_end end;
	pid_t pid;
	unsigned generation; /* of the configuration it was forked with */
	unsigned upstream_generation; /* of the list of upstreams in it */
	int64_t started_ms;
	int64_t draining_since_ms;
	int64_t drain_ms; /* what DRAIN says */
	bool drain_was_told;
	int control_fd; /* to it */
	int messages_fd; /* from it */
	int stderr_fd; /* from it */
	struct counters *counters;
	struct heartbeat heartbeat;
	unsigned limit; /* connections, as last told */
	unsigned limit_max; /* as ever told */
	bool full; /* it says that it is at its limit */
	unsigned told_upstreams; /* a bit for each whose addresses it knows */
	struct message_reader reader;
	char stderr_line[STDERR_LINE_SIZE];
	size_t stderr_length;
};

const char *child_name(const struct child *child, char name[CHILD_NAME_SIZE]);

/* It says that it serves; false where it has said so before. */
bool child_serve(struct child *child);

/* Moves it to its end within drain_ms or DRAIN_WITHOUT_END. A bound, or a
 * shorter one, can be set later, and counts from then. */
void child_drain(struct child *child, int64_t now_ms, int64_t drain_ms);

/* False where the child's pipe is full. What is told is how things are, not
 * what happened, so the caller tells it again at a later turn. */
bool child_tell(struct child *child, const struct message *message);

/* Kills it, once; the first reason stays. */
void child_kill(struct child *child, enum child_end end);

/* Says that it wrote what no child of ours writes, and kills it. */
void child_kill_rogue(struct child *child);

/* Its pipe of messages is at its end, so it exits now, or has to: a child that
 * does so by itself is not disturbed by this. */
void child_kill_mute(const struct child *child);

/* Whether it should not have died, so that its successor may have to wait;
 * `status` is waitpid(2)'s. */
bool child_death_counts(const struct child *child, int status);

#endif
