/* SPDX-License-Identifier: MIT */
/* drains.h - workers that drain: which have to, and which take too long. Master
 * only. */

#ifndef DRAINS_H
#define DRAINS_H

#include "master/children.h"

/* `self` serves, so the other workers of its number need not. */
void drains_retire_others(
    const struct children *children, const struct child *self, int64_t now_ms);

/* Few of a number drain without an end: the oldest gets drain_ms. */
void drains_bound(const struct children *children, unsigned number,
    int64_t now_ms, int64_t drain_ms);

/* Kills the worker if it should have ended its drain long ago. */
void drains_end_overdue(struct child *child, int64_t now_ms);

#endif
