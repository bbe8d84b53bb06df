/* child.h - one worker or the resolver, as the master sees it: its process,
 * what connects the two, and what the master knows of it. Master only.
 *
 *   STARTING -> SERVING -> DRAINING -> (reaped)
 *
 * A struct child owns its pipes and its page of counters; children.h makes and
 * frees it. */

#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/config.h"
#include "ipc/control_record.h"
#include "ipc/counters.h"
#include "ipc/log_record.h"

enum child_state {
	CHILD_STARTING, /* forked, has not said that it accepts */
	CHILD_SERVING,
	CHILD_DRAINING, /* takes no clients, ends with its last tunnel */
};

enum { CHILD_RESOLVER = CONFIG_WORKERS_MAX }; /* the resolver's number */

enum { STDERR_LINE_SIZE = 512, CHILD_NAME_SIZE = 16 };

/* What the watchdog saw last, and since when it has seen nothing else. */
struct heartbeat {
	bool slept; /* up to the last look */
	uint32_t progress;
	uint32_t turns;
	int64_t alive_ms;
};

struct child {
	struct child *next;
	enum child_state state;
	unsigned number; /* of the worker, or CHILD_RESOLVER */
	pid_t pid;
	unsigned generation; /* of the configuration it was forked with */
	unsigned upstream_generation; /* of the upstream in it */
	int64_t started_ms;
	int64_t draining_since_ms;
	int64_t drain_ms; /* what DRAIN says */
	bool drain_was_told;
	int control_fd; /* to it */
	int log_fd; /* from it, as the next two */
	int stderr_fd;
	int answer_fd; /* the resolver's */
	struct counters *counters;
	struct heartbeat heartbeat;
	unsigned limit; /* connections, as last told */
	unsigned limit_max; /* as ever told */
	bool full; /* it says that it is at its limit */
	bool knows_addresses; /* told of the last ones */
	bool was_killed; /* by us: it hung, lied, or did not end in time */
	bool sent_bad_message;
	bool was_stopped; /* because the time to stop was over */
	struct log_record_reader reader;
	char stderr_line[STDERR_LINE_SIZE];
	size_t stderr_length;
};

/* "worker 1", "resolver". */
const char *child_name(unsigned number, char name[CHILD_NAME_SIZE]);

bool child_is_worker(const struct child *child);

/* False where the child's pipe is full: what is told is how things are, not
 * what happened, so the caller tells it at a later turn. */
bool child_tell(struct child *child, struct control_record record);

/* Once; its death is expected from then on, or explained. */
void child_kill(struct child *child);

/* It wrote what no child of ours writes: says so and kills it. */
void child_kill_rogue(struct child *child);

#endif
