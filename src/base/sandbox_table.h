/* SPDX-License-Identifier: MIT */
/* sandbox_table.h - which system calls each profile of the sandbox may make.
 * Data alone; sandbox_rules.h makes filters of it. handyproxy(8) lists the
 * calls for the administrator. */

#ifndef SANDBOX_TABLE_H
#define SANDBOX_TABLE_H

#include <stddef.h>

#include "base/sandbox_profile.h"
#include "base/seccomp_filter.h"

enum verdict {
	NONE, /* a later row decides, or else the profile's default */
	ALLOW,
	REFUSE, /* EACCES: the caller can go on */
	ABSENT, /* ENOSYS: libc falls back to an older call */
	KILL,
	/* A sanitizer opens files for its report. */
	KILL_UNSANITIZED = SANITIZED ? ALLOW : KILL,
};

/* A condition's value that is known only when the filter is built. */
enum sandbox_operand {
	OPERAND_CONSTANT,
	OPERAND_OWN_PID,
	OPERAND_LISTENER,
	OPERAND_UNIX_SOCKETS, /* AF_UNIX if the sandbox has them */
};

enum { SANDBOX_CONDITIONS_MAX = 3 };

struct sandbox_condition {
	struct seccomp_condition test; /* a mask of 0: no condition */
	enum sandbox_operand operand;
};

struct sandbox_rule {
	int number;
	enum verdict verdicts[SANDBOX_PROFILES];
	struct sandbox_condition conditions[SANDBOX_CONDITIONS_MAX];
};

/* The first row that fits a call decides. */
extern const struct sandbox_rule sandbox_table[];
extern const size_t sandbox_table_rows;

/* For calls that no row fits. */
extern const enum verdict sandbox_table_defaults[SANDBOX_PROFILES];

/* True where the C library needs socketcall(2), for which there are no rules.
 */
extern const bool sandbox_table_has_gate;

#endif
