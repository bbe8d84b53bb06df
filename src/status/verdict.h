/* SPDX-License-Identifier: MIT */
/* verdict.h - what a snapshot says, in sentences: the one that must be heard
 * first, and what else is wrong. A cause comes before what follows from it: an
 * upstream that is down, one that is slow, connections that fail, limits.
 * Status process, -top. Pure. */

#ifndef VERDICT_H
#define VERDICT_H

#include "ipc/snapshot.h"
#include "status/finding.h"

void verdict_of(struct verdict *verdict, const struct snapshot *snapshot);

#endif
