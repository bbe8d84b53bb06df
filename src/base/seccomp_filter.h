/* SPDX-License-Identifier: MIT */
/* seccomp_filter.h - builds and installs a filter of system calls. Any
 * process. seccomp(2), in the classic BPF of the kernel's own headers. */

#ifndef SECCOMP_FILTER_H
#define SECCOMP_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECCOMP_FILTER_SIZE = 1024 };

struct seccomp_filter {
	struct sock_filter code[SECCOMP_FILTER_SIZE];
	unsigned short length;
};

/* Holds for a call if (argument & mask) == value. The filter looks at the
 * lower 32 bits of an argument only. */
struct seccomp_condition {
	unsigned argument; /* 0: the first */
	uint32_t mask;
	uint32_t value;
};

/* False on an architecture that this program does not know. The filter kills
 * a process that makes a call of another architecture. */
bool seccomp_filter_begin(struct seccomp_filter *filter);

/* The call gets `action`, SECCOMP_RET_* of linux/seccomp.h, if all conditions
 * hold. The first rule that fits decides. A number of -1 is no call and makes
 * no rule. */
void seccomp_filter_rule(struct seccomp_filter *filter, int number,
    const struct seccomp_condition *conditions, size_t count, uint32_t action);

/* A call that no rule fits gets `otherwise`. 0, or -1 with errno: the kernel
 * takes no filters. no_new_privs has to be set. */
int seccomp_filter_install(struct seccomp_filter *filter, uint32_t otherwise);

#endif
