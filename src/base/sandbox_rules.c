/* SPDX-License-Identifier: MIT */
#include "base/sandbox_rules.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sandbox_table.h"
#include "base/seccomp_filter.h"

static uint32_t
action_of(enum verdict verdict)
{
	switch (verdict) {
	case REFUSE:
		return SECCOMP_RET_ERRNO | EACCES;
	case ABSENT:
		return SECCOMP_RET_ERRNO | ENOSYS;
	case KILL:
		return SECCOMP_RET_KILL_PROCESS;
	case ALLOW:
	case NONE:
		break;
	}
	return SECCOMP_RET_ALLOW;
}

static uint32_t
value_of(
    const struct sandbox_condition *condition, const struct sandbox *sandbox)
{
	switch (condition->operand) {
	case OPERAND_OWN_PID:
		return (uint32_t)getpid();
	case OPERAND_LISTENER:
		return (uint32_t)sandbox->listener_fd;
	case OPERAND_UNIX_SOCKETS:
		return sandbox->unix_sockets ? AF_UNIX : AF_UNSPEC;
	case OPERAND_CONSTANT:
		break;
	}
	return condition->test.value;
}

static void
add_rule(struct seccomp_filter *filter, const struct sandbox_rule *rule,
    const struct sandbox *sandbox)
{
	enum verdict verdict = rule->verdicts[sandbox->profile];
	struct seccomp_condition tests[SANDBOX_CONDITIONS_MAX];
	size_t count = 0;

	if (verdict == NONE)
		return;
	while (count < SANDBOX_CONDITIONS_MAX &&
	    rule->conditions[count].test.mask != 0) {
		tests[count] = rule->conditions[count].test;
		tests[count].value =
		    value_of(&rule->conditions[count], sandbox);
		count++;
	}
	seccomp_filter_rule(
	    filter, rule->number, tests, count, action_of(verdict));
}

bool
sandbox_rules_install(const struct sandbox *sandbox)
{
	static struct seccomp_filter filter;

	if (!seccomp_filter_begin(&filter))
		return false;
	for (size_t i = 0; i < sandbox_table_rows; i++)
		add_rule(&filter, &sandbox_table[i], sandbox);
	return seccomp_filter_install(&filter,
		   action_of(sandbox_table_defaults[sandbox->profile])) == 0;
}
