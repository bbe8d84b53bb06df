/* seccomp_filter.h - builds and installs a filter of system calls. Any
 * process. seccomp(2), in the classic BPF of the kernel's own headers. */

#ifndef SECCOMP_FILTER_H
#define SECCOMP_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECCOMP_FILTER_SIZE = 512 };

/* What happens to a call: SECCOMP_RET_* of linux/seccomp.h. */
struct seccomp_filter {
	struct sock_filter code[SECCOMP_FILTER_SIZE];
	unsigned short length;
};

/* False on an architecture that this program does not know. A call of another
 * architecture than ours kills the process. */
bool seccomp_filter_begin(struct seccomp_filter *filter);

/* The first rule that fits a call decides. */
void seccomp_filter_call(
    struct seccomp_filter *filter, int number, uint32_t action);

/* The same for one argument: the call gets `action` if (argument & mask) is
 * one of the values; if not, the rules that follow decide. Only the lower 32
 * bits are looked at. */
void seccomp_filter_argument(struct seccomp_filter *filter, int number,
    unsigned index, uint32_t mask, const uint32_t *values, size_t count,
    uint32_t action);

/* The other way round: `action` if (argument & mask) is none of them. */
void seccomp_filter_unless(struct seccomp_filter *filter, int number,
    unsigned index, uint32_t mask, const uint32_t *values, size_t count,
    uint32_t action);

/* What no rule fits gets `otherwise`. 0, or -1 with errno: the kernel does not
 * take filters. no_new_privs has to be set. */
int seccomp_filter_install(struct seccomp_filter *filter, uint32_t otherwise);

#endif
