/* SPDX-License-Identifier: MIT */
#include "ipc/counters.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
page_bytes(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (sizeof(struct counters) + page - 1) / page * page;
}

struct counters *
counters_map(void)
{
	void *page = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void
counters_unmap(struct counters **counters)
{
	if (*counters != NULL)
		munmap(*counters, page_bytes());
	*counters = NULL;
}

void
counters_note_progress(struct counters *counters)
{
	counter_step(&counters->progress, 1);
}
