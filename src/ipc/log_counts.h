/* SPDX-License-Identifier: MIT */
/* log_counts.h - counts of lines of the log. Each child has a page of its own
 * for them, which it shares with the master alone and which outlives it. Only
 * the child writes; the master trusts no value that it reads. */

#ifndef LOG_COUNTS_H
#define LOG_COUNTS_H

#include "ipc/counter.h"

struct log_counts {
	struct counter dropped; /* no room in its pipe, or in the file */
	struct counter done; /* log writer: of its pipe, written or dropped */
};

/* A zeroed page, shared over fork(2); NULL with errno. */
struct log_counts *log_counts_map(void);

/* Sets *counts to NULL. */
void log_counts_unmap(struct log_counts **counts);

#endif
