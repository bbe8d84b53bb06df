#include "base/landlock.h"

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/system_call.h"

/* From the kernel's interface; older headers lack <linux/landlock.h>. */
enum {
	CREATE_RULESET_VERSION = 1U << 0,
	FILES_OF_VERSION_1 = (1U << 13) - 1,
};

struct ruleset {
	uint64_t files;
};

/* 0: the kernel has no Landlock. */
static int
kernel_version(void)
{
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* All that the first version can forbid, without an exception; the filter of
 * system calls refuses truncate(2) and what else came later. */
bool
landlock_forbid_files(void)
{
	struct ruleset rules = { .files = FILES_OF_VERSION_1 };
	long fd;
	bool done;

	if (kernel_version() < 1)
		return false;
	fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	if (fd == -1)
		return false;
	done = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	close((int)fd);
	return done;
}
