/* SPDX-License-Identifier: MIT */
/* tunnel_lists.h - passes on who wants a list of tunnels, and who has made one.
 * The status process is told when no worker is left that has still to answer,
 * so that one that has died holds nothing up. Master only. */

#ifndef TUNNEL_LISTS_H
#define TUNNEL_LISTS_H

#include "master/children.h"

/* All bytes 0: nothing was asked for. */
struct tunnel_lists {
	struct tunnel_request wanted; /* number 0: nothing */
	int64_t ask_from_ms; /* workers are not asked before */
};

/* The status process asks. A request that came before is over. */
void tunnel_lists_want(struct tunnel_lists *lists, struct child *status,
    const struct tunnel_request *request);

/* Asks all workers, also those that drain, for what is wanted: twice a second
 * at most, whatever the status process sends. */
void tunnel_lists_ask(
    struct tunnel_lists *lists, struct children *children, int64_t now_ms);

/* When that is to be called next; INT64_MAX: nothing is wanted. */
int64_t tunnel_lists_due_ms(const struct tunnel_lists *lists);

/* A worker has answered. */
void tunnel_lists_answer(struct children *children, struct child *worker,
    const struct tunnel_answer *answer);

/* A child is dead, and about to be forgotten. */
void tunnel_lists_forget(struct children *children, struct child *child);

#endif
