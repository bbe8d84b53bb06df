/* SPDX-License-Identifier: MIT */
/* verdict_upstreams.h - which upstreams are down, and whether they are slow to
 * answer. Parts of verdict.h. Pure. */

#ifndef VERDICT_UPSTREAMS_H
#define VERDICT_UPSTREAMS_H

#include "status/figures.h"
#include "status/finding.h"

void verdict_find_down(
    struct verdict *verdict, const struct snapshot *snapshot);

/* The oldest request has waited 10 s, or the last minute's median is over 1 s
 * and 5 times the hour's. */
void verdict_find_slow(struct verdict *verdict, const struct snapshot *snapshot,
    const struct figures *figures);

#endif
