/* SPDX-License-Identifier: MIT */
/* log_counts.h - a child's page about the lines of the log that it had. One
 * page each, shared with the master alone and outliving its child. Only the
 * child writes; the master reads each value once and trusts none. */

#ifndef LOG_COUNTS_H
#define LOG_COUNTS_H

#include "ipc/counter.h"

struct log_counts {
	struct counter dropped; /* found no room where the child sends them */
	struct counter done; /* log writer: of its pipe, written or dropped */
};

/* A zeroed page, shared over fork(2); NULL with errno. */
struct log_counts *log_counts_map(void);

/* Sets *counts to NULL. */
void log_counts_unmap(struct log_counts **counts);

#endif
