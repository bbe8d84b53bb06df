/* children.h - the workers and the resolver: who there is, and how one comes
 * and goes. Which there should be is decided in supervisor.h. Master only. */

#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/role.h"
#include "master/child.h"

struct children {
	struct child *first; /* owned, as all that follow */
	role_main *worker_main;
	role_main *resolver_main;
};

/* What a child gets and what it must not keep. */
struct spawn {
	const struct config *config;
	unsigned number;
	unsigned generation;
	unsigned upstream_generation;
	bool is_first;
	struct upstream_addresses addresses;
	unsigned limit;
	unsigned pipes;
	int listener_fd; /* shared, not handed over */
	int pid_file_fd; /* closed in the child */
};

/* Forks a child, STARTING; NULL with errno where that is not possible now. */
struct child *children_spawn(
    struct children *children, const struct spawn *spawn, int64_t now_ms);

/* Forgets a child that is dead: closes, unmaps and frees all it had. */
void children_remove(struct children *children, struct child *child);

struct child *children_with_pid(const struct children *children, pid_t pid);

/* The youngest with this number that does not drain, or NULL. */
struct child *children_serving(
    const struct children *children, unsigned number);

#endif
