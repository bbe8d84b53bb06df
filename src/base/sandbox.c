#include "base/sandbox.h"

#include <sys/resource.h>

#include "base/landlock.h"
#include "base/sandbox_rules.h"

void
sandbox_forbid_core(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

/* A sanitizer reads files for its report, which is worth more than the ban. */
static bool
forbid_files(enum sandbox_profile profile)
{
	const struct rlimit none = { 0, 0 };

	if (profile != SANDBOX_WORKER)
		return true;
	setrlimit(RLIMIT_FSIZE, &none);
	return SANITIZED || landlock_forbid_files();
}

bool
sandbox_enter(enum sandbox_profile profile, const char **missing)
{
	static struct seccomp_filter filter;
	bool files = forbid_files(profile);
	bool calls = sandbox_rules_install(&filter, profile);

	*missing = NULL;
	if (!files)
		*missing = "landlock";
	if (!calls)
		*missing = files ? "seccomp" : "landlock and seccomp";
	return files && calls;
}
