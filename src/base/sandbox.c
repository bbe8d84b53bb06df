/* SPDX-License-Identifier: MIT */
#include "base/sandbox.h"

#include <sys/resource.h>

#include "base/landlock.h"
#include "base/sandbox_rules.h"
#include "base/sandbox_table.h"

/* A sanitizer reads files for its report, which is worth more than the ban. */
static bool
forbid_files(const struct sandbox *sandbox)
{
	const struct rlimit none = { 0, 0 };
	const struct landlock_exceptions exceptions = {
		.read_files = sandbox->profile == SANDBOX_RESOLVER,
		.ports = sandbox->ports,
		.port_count = sandbox->port_count,
		.any_port = sandbox->port_count == 0 &&
		    sandbox->profile != SANDBOX_STATUS,
	};

	setrlimit(RLIMIT_FSIZE, &none);
	return SANITIZED || landlock_enter(&exceptions);
}

static void
add_missing(struct text *missing, const char *part)
{
	text_format(missing, "%s%s", missing->length > 0 ? ", no " : "", part);
}

bool
sandbox_enter(const struct sandbox *sandbox, struct text *missing)
{
	if (!forbid_files(sandbox))
		add_missing(missing, "landlock");
	if (!sandbox_rules_install(sandbox))
		add_missing(missing, "seccomp");
	else if (sandbox_table_has_gate)
		add_missing(missing, "rules for socketcall(2)");
	return missing->length == 0;
}
