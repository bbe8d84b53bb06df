/* SPDX-License-Identifier: MIT */
/* client_books.h - the clients that use most, of all workers there ever were.
 * Master only. */

#ifndef CLIENT_BOOKS_H
#define CLIENT_BOOKS_H

#include "ipc/snapshot.h"
#include "master/children.h"
#include "master/worker_books.h"

/* Adds what the worker's clients have used since the last look. */
void client_books_read(struct heavy_clients *all, struct worker_books *worker,
    struct heavy_clients *counted);

/* Fills in the first entries, most bytes first; returns how many. */
unsigned client_books_show(struct heavy_clients *all,
    const struct children *children,
    struct snapshot_client shown[SNAPSHOT_CLIENTS]);

#endif
