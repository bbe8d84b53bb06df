/* SPDX-License-Identifier: MIT */
#include "ipc/log_counts.h"

#include <stddef.h>
#include <sys/mman.h>

struct log_counts *
log_counts_map(void)
{
	void *page = mmap(NULL, sizeof(struct log_counts),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void
log_counts_unmap(struct log_counts **counts)
{
	if (*counts != NULL)
		munmap(*counts, sizeof **counts);
	*counts = NULL;
}
