/* SPDX-License-Identifier: MIT */
/* master.h - the master process once it is started: the loop that waits for
 * children and signals. It reads no byte from the network. */

#ifndef MASTER_H
#define MASTER_H

#include "master/children.h"
#include "master/reload.h"

/* What the start leaves to it. */
struct master_start {
	int listener_fd; /* the master's from now on */
	int pid_file_fd; /* the caller's; children close it */
	int status_fd; /* the master's from now on; -1: none */
	struct oom_score oom_score; /* the master's from now on */
	role_main *mains[CHILD_KINDS]; /* what each kind of child runs */
};

/* Runs until it is told to stop. *config is copied, and its credentials are
 * wiped. Forked children call their mains instead. */
void master_run(struct config *config, const struct invocation *invocation,
    const struct master_start *start);

#endif
