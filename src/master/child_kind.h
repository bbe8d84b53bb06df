/* SPDX-License-Identifier: MIT */
/* child_kind.h - the kinds of processes that the master forks, a row each.
 * Another kind is another row. Master only. */

#ifndef CHILD_KIND_H
#define CHILD_KIND_H

#include <stdbool.h>

#include "config/config.h"

enum child_kind {
	CHILD_WORKER,
	CHILD_RESOLVER,
	CHILD_LOG_WRITER,
	CHILD_STATUS,
};
enum { CHILD_KINDS = CHILD_STATUS + 1 };

/* Those of a kind are numbered from 0 to here. */
enum { CHILD_NUMBERS = CONFIG_WORKERS_MAX };

struct child_kind_row {
	const char *name;
	bool is_numbered; /* there may be several */
	unsigned sends; /* a bit for each kind of message that it may send */
	int silence_max_ms; /* between LOOKING and LOOKING; 0: none */
	bool has_clients; /* keeps the listener and counts; drains at its end */
	bool changes_root; /* to -chroot */
	int oom_score; /* above the master's */
	unsigned memory_mib; /* that it may fill beside its connections' */
	bool outlives_stop; /* ends after all others, when its pipe does */
	bool needs_credentials; /* the others wipe them */
};

extern const struct child_kind_row child_kinds[CHILD_KINDS];

enum { CHILD_NAME_SIZE = 16 };

/* "worker 1", "resolver". Returns name. */
const char *child_kind_name(
    enum child_kind kind, unsigned number, char name[CHILD_NAME_SIZE]);

#endif
