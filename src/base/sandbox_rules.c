#include "base/sandbox_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/system_call.h"

enum verdict {
	NONE, /* a later row decides, or else the profile's default */
	ALLOW,
	KILL,
	/* A sanitizer opens files for its report. */
	KILL_UNSANITIZED = SANITIZED ? ALLOW : KILL,
};

/* Where both exist, the arguments of the older mmap are in memory. */
enum { MAP_CALL = SYS_mmap2 != -1 ? SYS_mmap2 : SYS_mmap };

enum {
	CONDITIONS_MAX = 3,
	SOCKET_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC,
};

struct condition {
	struct seccomp_condition test; /* a mask of 0: none */
	bool is_own_pid; /* the value is known when the filter is built */
};

/* clang-format off */
#define MASKED(index, mask, value) { { index, mask, value }, false }
#define IS(index, value) MASKED(index, UINT32_MAX, value)
#define IS_NOT_SET(index, bits) MASKED(index, bits, 0)
#define IS_OWN_PID(index) { { index, UINT32_MAX, 0 }, true }

#define CALL_IF(number, worker, resolver, ...) \
	{ number, { worker, resolver }, { __VA_ARGS__ } }
#define CALL(number, worker, resolver) \
	CALL_IF(number, worker, resolver, MASKED(0, 0, 0))
#define SOCKET_IF(worker, resolver, family, type, protocol) \
	CALL_IF(SYS_socket, worker, resolver, IS(0, family), \
	    MASKED(1, ~(uint32_t)SOCKET_FLAGS, type), IS(2, protocol))
/* clang-format on */

/* The first row that fits a call decides. */
static const struct rule {
	int number;
	enum verdict verdicts[SANDBOX_PROFILES]; /* worker, resolver */
	struct condition conditions[CONDITIONS_MAX];
} rules[] = {
	/* A worker's loop, the most frequent calls first. */
	CALL(SYS_recvfrom, ALLOW, NONE),
	CALL(SYS_sendto, ALLOW, NONE),
	CALL(SYS_poll, ALLOW, NONE),
	CALL(SYS_ppoll, ALLOW, NONE),
	CALL(SYS_ppoll_time64, ALLOW, NONE),
	CALL(SYS_epoll_wait, ALLOW, NONE),
	CALL(SYS_epoll_pwait, ALLOW, NONE),
	CALL(SYS_splice, ALLOW, NONE),
	CALL(SYS_epoll_ctl, ALLOW, NONE),
	CALL(SYS_close, ALLOW, NONE),
	CALL(SYS_accept4, ALLOW, KILL),
	CALL(SYS_getsockopt, ALLOW, NONE),
	CALL(SYS_connect, ALLOW, NONE),
	CALL(SYS_getsockname, ALLOW, NONE),
	CALL(SYS_clock_gettime, ALLOW, NONE),
	CALL(SYS_clock_gettime32, ALLOW, NONE),
	CALL(SYS_timerfd_settime, ALLOW, NONE),
	CALL(SYS_timerfd_settime32, ALLOW, NONE),
	CALL(SYS_timerfd_settime64, ALLOW, NONE),
	CALL(SYS_clock_gettime64, ALLOW, NONE),
	CALL(SYS_recv, ALLOW, NONE),
	CALL(SYS_send, ALLOW, NONE),
	CALL(SYS_socketcall, ALLOW, NONE), /* its arguments are in memory */
	CALL(SYS_read, ALLOW, NONE),
	CALL(SYS_write, ALLOW, NONE),
	CALL(SYS_writev, ALLOW, NONE),
	CALL(SYS_pipe2, ALLOW, NONE),

	/* Of libc: memory, locks, signals, the end. */
	CALL(SYS_brk, ALLOW, NONE),
	CALL(SYS_munmap, ALLOW, NONE),
	CALL(SYS_mremap, ALLOW, NONE),
	CALL(SYS_madvise, ALLOW, NONE),
	CALL(SYS_futex, ALLOW, NONE),
	CALL(SYS_futex_time64, ALLOW, NONE),
	CALL(SYS_getrandom, ALLOW, NONE),
	CALL(SYS_getpid, ALLOW, NONE),
	CALL(SYS_gettid, ALLOW, NONE),
	CALL(SYS_rt_sigprocmask, ALLOW, NONE),
	CALL(SYS_rt_sigaction, ALLOW, NONE),
	CALL(SYS_rt_sigreturn, ALLOW, NONE),
	CALL(SYS_sigreturn, ALLOW, NONE),
	CALL(SYS_restart_syscall, ALLOW, NONE),
	CALL(SYS_exit, ALLOW, NONE),
	CALL(SYS_exit_group, ALLOW, NONE),
	CALL_IF(MAP_CALL, ALLOW, NONE, IS_NOT_SET(2, PROT_EXEC)),
	CALL_IF(SYS_mprotect, ALLOW, NONE, IS_NOT_SET(2, PROT_EXEC)),

	/* Only TCP: any other socket kills. */
	SOCKET_IF(ALLOW, NONE, AF_INET, SOCK_STREAM, 0),
	SOCKET_IF(ALLOW, NONE, AF_INET, SOCK_STREAM, IPPROTO_TCP),
	SOCKET_IF(ALLOW, NONE, AF_INET6, SOCK_STREAM, 0),
	SOCKET_IF(ALLOW, NONE, AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	CALL(SYS_socket, KILL, NONE),

	/* SHUT_RD would stop the listener, and so all workers, as a filter of
	 * packets would, for good. What connect(2) can do to it, the master
	 * mends. */
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, SO_LINGER)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, SO_KEEPALIVE)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, SO_OOBINLINE)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, TCP_NODELAY)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, TCP_KEEPIDLE)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, TCP_KEEPINTVL)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, TCP_KEEPCNT)),
	CALL_IF(SYS_setsockopt, ALLOW, NONE, IS(2, TCP_DEFER_ACCEPT)),
	CALL_IF(SYS_shutdown, ALLOW, NONE, IS(1, SHUT_WR)),
	CALL_IF(SYS_ioctl, ALLOW, NONE, IS(1, SIOCGIFCONF)),
	CALL_IF(SYS_ioctl, ALLOW, NONE, IS(1, SIOCOUTQ)),
	CALL_IF(SYS_prctl, ALLOW, NONE, IS(0, PR_SET_NAME)),
	CALL_IF(SYS_fcntl, ALLOW, NONE, IS(1, F_SETPIPE_SZ)),
	CALL_IF(SYS_fcntl, ALLOW, NONE, IS(1, F_GETPIPE_SZ)),
	CALL_IF(SYS_fcntl64, ALLOW, NONE, IS(1, F_SETPIPE_SZ)),
	CALL_IF(SYS_fcntl64, ALLOW, NONE, IS(1, F_GETPIPE_SZ)),

	/* Ways to have signals sent to the owner of a descriptor. */
	CALL_IF(SYS_ioctl, NONE, KILL, IS(1, FIOSETOWN)),
	CALL_IF(SYS_ioctl, NONE, KILL, IS(1, SIOCSPGRP)),
	CALL_IF(SYS_fcntl, NONE, KILL, IS(1, F_SETOWN)),
	CALL_IF(SYS_fcntl, NONE, KILL, IS(1, F_SETOWN_EX)),
	CALL_IF(SYS_fcntl, NONE, KILL, IS(1, F_SETSIG)),
	CALL_IF(SYS_fcntl64, NONE, KILL, IS(1, F_SETOWN)),
	CALL_IF(SYS_fcntl64, NONE, KILL, IS(1, F_SETOWN_EX)),
	CALL_IF(SYS_fcntl64, NONE, KILL, IS(1, F_SETSIG)),

	/* No child of ours does this, so other code is at work. A process may
	 * signal itself, for abort(3), and the resolver ask for its limits. */
	CALL_IF(SYS_tkill, ALLOW, ALLOW, IS_OWN_PID(0)),
	CALL_IF(SYS_tgkill, ALLOW, ALLOW, IS_OWN_PID(0)),
	CALL_IF(SYS_prlimit64, NONE, ALLOW, IS_OWN_PID(0)),
	CALL_IF(SYS_prlimit64, NONE, ALLOW, IS(0, 0)),
	CALL(SYS_tkill, KILL, KILL),
	CALL(SYS_tgkill, KILL, KILL),
	CALL(SYS_prlimit64, KILL, KILL),
	CALL(SYS_kill, KILL, KILL),
	CALL(SYS_rt_sigqueueinfo, KILL, KILL),
	CALL(SYS_rt_tgsigqueueinfo, KILL, KILL),
	CALL(SYS_pidfd_open, KILL, KILL),
	CALL(SYS_pidfd_send_signal, KILL, KILL),
	CALL(SYS_pidfd_getfd, KILL, KILL),
	CALL(SYS_ptrace, KILL, KILL),
	CALL(SYS_process_vm_readv, KILL, KILL),
	CALL(SYS_process_vm_writev, KILL, KILL),
	CALL(SYS_execve, KILL, KILL),
	CALL(SYS_execveat, KILL, KILL),
	CALL(SYS_fork, KILL, NONE),
	CALL(SYS_vfork, KILL, NONE),
	CALL(SYS_clone, KILL, NONE),
	CALL(SYS_clone3, KILL, NONE),
	CALL(SYS_setrlimit, KILL, NONE),
	CALL(SYS_open, KILL_UNSANITIZED, NONE),
	CALL(SYS_creat, KILL_UNSANITIZED, NONE),
	CALL(SYS_openat, KILL_UNSANITIZED, NONE),
	CALL(SYS_openat2, KILL_UNSANITIZED, NONE),

	/* The rest is for the resolver; to a worker it returns ENOSYS. */
	CALL(SYS_listen, NONE, KILL),
	CALL(SYS_accept, NONE, KILL),
	CALL(SYS_chroot, NONE, KILL),
	CALL(SYS_pivot_root, NONE, KILL),
	CALL(SYS_mount, NONE, KILL),
	CALL(SYS_umount2, NONE, KILL),
	CALL(SYS_unshare, NONE, KILL),
	CALL(SYS_setns, NONE, KILL),
	CALL(SYS_bpf, NONE, KILL),
	CALL(SYS_perf_event_open, NONE, KILL),
	CALL(SYS_userfaultfd, NONE, KILL),
	CALL(SYS_io_uring_setup, NONE, KILL),
	CALL(SYS_keyctl, NONE, KILL),
	CALL(SYS_add_key, NONE, KILL),
	CALL(SYS_request_key, NONE, KILL),
	CALL(SYS_init_module, NONE, KILL),
	CALL(SYS_finit_module, NONE, KILL),
	CALL(SYS_delete_module, NONE, KILL),
	CALL(SYS_kexec_load, NONE, KILL),
	CALL(SYS_reboot, NONE, KILL),
};

/* For calls that no row fits. */
static const uint32_t defaults[SANDBOX_PROFILES] = {
	[SANDBOX_WORKER] =
	    SANITIZED ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | ENOSYS,
	[SANDBOX_RESOLVER] = SECCOMP_RET_ALLOW,
};

static void
add_rule(struct seccomp_filter *filter, const struct rule *rule,
    enum verdict verdict)
{
	struct seccomp_condition tests[CONDITIONS_MAX];
	size_t count = 0;

	while (
	    count < CONDITIONS_MAX && rule->conditions[count].test.mask != 0) {
		tests[count] = rule->conditions[count].test;
		if (rule->conditions[count].is_own_pid)
			tests[count].value = (uint32_t)getpid();
		count++;
	}
	seccomp_filter_rule(filter, rule->number, tests, count,
	    verdict == ALLOW ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
}

bool
sandbox_rules_install(
    struct seccomp_filter *filter, enum sandbox_profile profile)
{
	if (!seccomp_filter_begin(filter))
		return false;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		enum verdict verdict = rules[i].verdicts[profile];

		if (verdict != NONE)
			add_rule(filter, &rules[i], verdict);
	}
	return seccomp_filter_install(filter, defaults[profile]) == 0;
}
