/* SPDX-License-Identifier: MIT */
#include "ipc/shared_area.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"

/* MFD_NOEXEC_SEAL of Linux 6.3: without it newer kernels complain in their log,
 * or refuse (vm.memfd_noexec); older ones do not know it. */
enum { NOEXEC_SEAL = 0x0008 };

static int
open_memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | NOEXEC_SEAL);

	if (fd == -1 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC);
	return fd;
}

static void *
map(int fd, size_t bytes, int protection)
{
	void *memory = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* A descriptor for reading alone: what is mapped by it can never be made
 * writable, mprotect(2). */
static void *
map_readable(int fd, size_t bytes)
{
	char path[sizeof "/proc/self/fd/2147483647"];
	void *memory;
	int read_fd;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	read_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read_fd == -1)
		return NULL;
	memory = map(read_fd, bytes, PROT_READ);
	descriptor_close(&read_fd);
	return memory;
}

void
shared_area_unmap(struct shared_area *area)
{
	if (area->writable != NULL)
		munmap(area->writable, area->bytes);
	if (area->readable != NULL)
		munmap(area->readable, area->bytes);
	*area = (struct shared_area){ .writable = NULL };
}

int
shared_area_map(struct shared_area *area, const char *name, size_t bytes)
{
	int fd = open_memory(name);

	*area = (struct shared_area){ .bytes = bytes };
	if (fd == -1)
		return -1;
	if (ftruncate(fd, (off_t)bytes) == 0 &&
	    (area->readable = map_readable(fd, bytes)) != NULL)
		area->writable = map(fd, bytes, PROT_READ | PROT_WRITE);
	descriptor_close(&fd);
	if (area->writable != NULL)
		return 0;
	shared_area_unmap(area);
	return -1;
}

static void
unmap_bytes(unsigned char *first, size_t bytes)
{
	if (bytes > 0)
		munmap(first, bytes);
}

void *
shared_area_take(struct shared_area *area, size_t part_bytes, unsigned part)
{
	unsigned char *memory = area->writable;
	size_t before = part * part_bytes;

	area->writable = NULL;
	if (memory == NULL)
		return NULL;
	if (before >= area->bytes) {
		unmap_bytes(memory, area->bytes);
		return NULL;
	}
	unmap_bytes(memory, before);
	unmap_bytes(
	    memory + before + part_bytes, area->bytes - before - part_bytes);
	return memory + before;
}
