/* SPDX-License-Identifier: MIT */
/* shared_area.h - memory shared over fork(2), in parts: each part is written by
 * one process, others may read all of them. The master maps it before the first
 * fork, and each child keeps what is its own. */

#ifndef SHARED_AREA_H
#define SHARED_AREA_H

#include <stddef.h>

/* The same memory, mapped twice; NULL where there is none. */
struct shared_area {
	void *writable;
	void *readable; /* writing to it is SIGSEGV, mprotect(2) or not */
	size_t bytes;
};

/* All bytes 0. `name` is for /proc. 0, or -1 with errno. */
int shared_area_map(struct shared_area *area, const char *name, size_t bytes);

void shared_area_unmap(struct shared_area *area);

/* In a child: unmaps what is writable but for this part, of which there are
 * bytes / part_bytes. Returns the part, or NULL where there is no such part,
 * and all is unmapped. */
void *shared_area_take(
    struct shared_area *area, size_t part_bytes, unsigned part);

#endif
