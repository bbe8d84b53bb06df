/* SPDX-License-Identifier: MIT */
/* client_tables.h - which child has which of the client tables (see
 * ipc/client_counts.h). `first` is that of all children. Master only. */

#ifndef CLIENT_TABLES_H
#define CLIENT_TABLES_H

#include "ipc/client_counts.h"
#include "master/child.h"

/* The first that no living child has, CLIENT_TABLES where each has its owner: a
 * table that two can write would let one of them accuse the other. */
unsigned client_tables_choose(const struct child *first);

/* The child has died: what it leaves would be counted for ever. */
void client_tables_clear(
    const struct client_counts *counts, const struct child *child);

/* So many of the first tables are in use, or have been. */
unsigned client_tables_used(const struct child *first);

#endif
