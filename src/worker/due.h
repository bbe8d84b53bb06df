/* SPDX-License-Identifier: MIT */
/* due.h - what a worker has to do at some time, though no event comes. */

#ifndef DUE_H
#define DUE_H

#include <stdint.h>

struct worker;

/* When the first of it is due; DEADLINE_NEVER: nothing is. */
int64_t due_next_ms(struct worker *worker);

/* Does what is due by now. */
void due_run(struct worker *worker);

#endif
