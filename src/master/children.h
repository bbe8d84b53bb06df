/* SPDX-License-Identifier: MIT */
/* children.h - all children: which there are, and how one comes and goes.
 * Makes, closes and frees them. Which there should be is decided in
 * supervisor.h. Master only. */

#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/role.h"
#include "master/child.h"
#include "master/oom_score.h"

struct children {
	struct child *first; /* owned, as all that follow */
	struct oom_score oom_score;
	role_main *mains[CHILD_KINDS];
	struct client_counts client_counts;
	struct snapshot_page *snapshot_page; /* NULL: no status process */
	struct shared_area tunnel_lists; /* none: no status process */
};

/* What a child gets and what it must not keep. */
struct spawn {
	enum child_kind kind;
	unsigned generation;
	unsigned upstream_generation;
	int64_t awake_ms; /* see awake_clock.h */
	struct role role; /* but for the child's own descriptors and counters */
	int listener_fd; /* shared, not handed over */
	int pid_file_fd; /* closed in the child */
	int status_fd; /* shared with the status process; -1: none */
	struct credentials *credentials; /* wiped in a child without need */
};

/* Forks a child, STARTING; NULL with errno where that is not possible now. */
struct child *children_spawn(
    struct children *children, const struct spawn *spawn, int64_t now_ms);

/* Forgets a child that is dead: closes, unmaps and frees all it had. */
void children_remove(struct children *children, struct child *child);

/* The child's end of its pipe reads as its end: the child ends, or drains. */
void children_close_control(struct child *child);

/* Nothing more comes from there, or nothing that could be believed. */
void children_close_messages(struct child *child);
void children_close_stderr(struct child *child);

struct child *children_with_pid(const struct children *children, pid_t pid);

/* The youngest of that kind and number that does not drain, or NULL. */
struct child *children_serving(
    const struct children *children, enum child_kind kind, unsigned number);

#endif
