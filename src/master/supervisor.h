/* SPDX-License-Identifier: MIT */
/* supervisor.h - which children there should be, and making it so: start,
 * replacement after a death or a reload, watchdog, limits, stop. Master only.
 * All state of the running master is here. */

#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "master/awake_clock.h"
#include "master/children.h"
#include "master/limits.h"
#include "master/listener.h"
#include "master/respawn.h"
#include "master/slow_upstreams.h"
#include "master/totals.h"
#include "master/tunnel_lists.h"
#include "master/upstreams.h"

/* How often the master looks at its children without being asked. */
enum { SUPERVISOR_TICK_MS = 2000 };

struct books;

struct supervisor {
	struct config config;
	struct capacity capacity;
	unsigned generation; /* of the settings that workers use */
	struct listener listener; /* owned; closed once we stop */
	int pid_file_fd; /* owned */
	int status_fd; /* of the status process; owned, -1: none */
	struct children children;
	bool has_forked; /* a worker, ever */
	struct respawn respawns[CHILD_KINDS][CHILD_NUMBERS];
	struct upstreams upstreams;
	struct slow_upstreams slow_upstreams;
	struct tunnel_lists tunnel_lists;
	struct totals dead_totals; /* what dead workers had counted */
	struct books *books; /* owned; NULL: no status */
	int64_t now_ms;
	struct awake_clock awake; /* for what children are late with */
	int64_t tick_ms; /* when the next one is due */
	bool
	    limit_is_said; /* all workers are at their limits, and it is said */
	int64_t room_since_ms;
	bool stopping;
	int64_t stop_until_ms;
};

/* Spawns, replaces and retires what has to be, and tells the children what
 * they do not know yet. Cheap where there is nothing to do. */
void supervisor_reconcile(struct supervisor *supervisor);

/* The log writer has died. Its successor can log how. */
void supervisor_replace_log_writer(struct supervisor *supervisor);

/* Watchdog, overdue drains, the listener, dropped log lines. */
void supervisor_tick(struct supervisor *supervisor);

/* Reads once what the child has written, and acts on it. */
void supervisor_read(struct supervisor *supervisor, struct child *child);

/* A stop was asked for, and all children that serve are gone. */
bool supervisor_is_done(const struct supervisor *supervisor);

/* How long the master may sleep. */
int supervisor_timeout_ms(const struct supervisor *supervisor);

#endif
