/* SPDX-License-Identifier: MIT */
#include "base/seccomp_filter.h"

#include <assert.h>
#include <endian.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define OUR_ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__aarch64__) && BYTE_ORDER == LITTLE_ENDIAN
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && BYTE_ORDER == LITTLE_ENDIAN
#define OUR_ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__mips__) && _MIPS_SIM == _ABIO32 && BYTE_ORDER == BIG_ENDIAN
#define OUR_ARCHITECTURE AUDIT_ARCH_MIPS
#elif defined(__mips__) && _MIPS_SIM == _ABIO32
#define OUR_ARCHITECTURE AUDIT_ARCH_MIPSEL
#elif defined(__mips__) && _MIPS_SIM == _ABI64 && BYTE_ORDER == BIG_ENDIAN
#define OUR_ARCHITECTURE AUDIT_ARCH_MIPS64
#elif defined(__mips__) && _MIPS_SIM == _ABI64
#define OUR_ARCHITECTURE AUDIT_ARCH_MIPSEL64
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define OUR_ARCHITECTURE 0
#endif

enum { FIRST_X32_CALL = 0x40000000 };

static void
emit(struct seccomp_filter *filter, struct sock_filter instruction)
{
	assert(filter->length < SECCOMP_FILTER_SIZE);
	filter->code[filter->length++] = instruction;
}

static void
emit_load(struct seccomp_filter *filter, size_t offset)
{
	emit(filter,
	    (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Skips `count` instructions if the loaded word is not the value. */
static void
emit_unless_equal(struct seccomp_filter *filter, uint32_t value, size_t count)
{
	emit(filter,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, value, 0, (uint8_t)count));
}

static void
emit_return(struct seccomp_filter *filter, uint32_t action)
{
	emit(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

bool
seccomp_filter_begin(struct seccomp_filter *filter)
{
	filter->length = 0;
	emit_load(filter, offsetof(struct seccomp_data, arch));
	emit(filter,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0));
	emit_return(filter, SECCOMP_RET_KILL_PROCESS);
	emit_load(filter, offsetof(struct seccomp_data, nr));
	/* x86-64 has a second set of numbers for the same calls (x32). */
	if (OUR_ARCHITECTURE == AUDIT_ARCH_X86_64) {
		emit(filter,
		    (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JGE | BPF_K, FIRST_X32_CALL, 0, 1));
		emit_return(filter, SECCOMP_RET_KILL_PROCESS);
	}
	return OUR_ARCHITECTURE != 0;
}

static void
emit_masked_argument(
    struct seccomp_filter *filter, const struct seccomp_condition *condition)
{
	size_t offset = offsetof(struct seccomp_data, args) +
	    condition->argument * sizeof(uint64_t) +
	    (BYTE_ORDER == BIG_ENDIAN ? 4 : 0);

	emit_load(filter, offset);
	emit(filter,
	    (struct sock_filter)BPF_STMT(
		BPF_ALU | BPF_AND | BPF_K, condition->mask));
}

/* A condition is three instructions. If it does not hold, it skips the later
 * conditions and the return; the next rule needs the number loaded again. */
void
seccomp_filter_rule(struct seccomp_filter *filter, int number,
    const struct seccomp_condition *conditions, size_t count, uint32_t action)
{
	if (number == -1)
		return;
	emit_unless_equal(
	    filter, (uint32_t)number, count == 0 ? 1 : 3 * count + 2);
	for (size_t i = 0; i < count; i++) {
		emit_masked_argument(filter, &conditions[i]);
		emit_unless_equal(
		    filter, conditions[i].value, 3 * (count - 1 - i) + 1);
	}
	emit_return(filter, action);
	if (count > 0)
		emit_load(filter, offsetof(struct seccomp_data, nr));
}

int
seccomp_filter_install(struct seccomp_filter *filter, uint32_t otherwise)
{
	struct sock_fprog program = { .filter = filter->code };

	emit_return(filter, otherwise);
	program.len = filter->length;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
