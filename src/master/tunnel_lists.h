/* SPDX-License-Identifier: MIT */
/* tunnel_lists.h - passes on who wants a list of tunnels, and who has made one.
 * The status process is told when no worker is left that has still to answer,
 * so that one that has died holds nothing up. Master only. */

#ifndef TUNNEL_LISTS_H
#define TUNNEL_LISTS_H

#include "master/children.h"

/* The status process asks: all workers are asked, also those that drain. A
 * request that came before is over. */
void tunnel_lists_ask(struct children *children, struct child *status,
    const struct tunnel_request *request);

/* A worker has answered. */
void tunnel_lists_answer(struct children *children, struct child *worker,
    const struct tunnel_answer *answer);

/* A child is dead, and about to be forgotten. */
void tunnel_lists_forget(struct children *children, struct child *child);

#endif
