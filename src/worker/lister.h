/* SPDX-License-Identifier: MIT */
/* lister.h - lists the worker's open connections when the status process asks,
 * a few of them a turn of the loop, so that no tunnel waits for thousands of
 * others. Else it costs nothing.
 *
 *   IDLE -> SAMPLING -> WAITING -> LISTING -> ANSWERING -> IDLE
 *
 * From IDLE to WAITING, where the samples of an earlier list can be used. */

#ifndef LISTER_H
#define LISTER_H

#include "worker/lister_state.h"

struct worker;

void lister_init(struct lister *lister, struct tunnel_list *list);
void lister_clear(struct lister *lister);

/* While one is under way, a request waits, and the last that came is left. */
void lister_ask(struct worker *worker, const struct tunnel_request *request);

/* A turn's part of the work. To be called when it is due. */
void lister_run(struct worker *worker);

#endif
