#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/seccomp_filter.h"

/* The loop's calls, the most frequent first, and those of libc. Not each
 * architecture has each of them. */
static const int allowed[] = {
	SYS_recvfrom,
	SYS_sendto,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_ppoll
	SYS_ppoll,
#endif
#ifdef SYS_ppoll_time64
	SYS_ppoll_time64,
#endif
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
	SYS_epoll_pwait,
	SYS_splice,
	SYS_epoll_ctl,
	SYS_close,
	SYS_accept4,
	SYS_getsockopt,
	SYS_connect,
	SYS_getsockname,
#ifdef SYS_clock_gettime
	SYS_clock_gettime,
#endif
#ifdef SYS_clock_gettime32
	SYS_clock_gettime32,
#endif
#ifdef SYS_timerfd_settime
	SYS_timerfd_settime,
#endif
#ifdef SYS_timerfd_settime32
	SYS_timerfd_settime32,
#endif
#ifdef SYS_timerfd_settime64
	SYS_timerfd_settime64,
#endif
#ifdef SYS_clock_gettime64
	SYS_clock_gettime64,
#endif
#ifdef SYS_recv
	SYS_recv,
#endif
#ifdef SYS_send
	SYS_send,
#endif
#ifdef SYS_socketcall
	SYS_socketcall, /* its arguments cannot be looked at */
#endif
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_pipe2,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_futex,
#ifdef SYS_futex_time64
	SYS_futex_time64,
#endif
	SYS_getrandom,
	SYS_getpid,
	SYS_gettid,
	SYS_rt_sigprocmask,
	SYS_rt_sigaction,
	SYS_rt_sigreturn,
#ifdef SYS_sigreturn
	SYS_sigreturn,
#endif
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
};

/* What no worker of ours ever does: somebody else is at work. */
static const int deadly[] = {
#ifdef SYS_fork
	SYS_fork,
#endif
#ifdef SYS_vfork
	SYS_vfork,
#endif
	SYS_clone,
#ifdef SYS_clone3
	SYS_clone3,
#endif
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kill,
	SYS_tkill, /* but to itself, as the next */
	SYS_tgkill,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_prlimit64,
#ifdef SYS_setrlimit
	SYS_setrlimit,
#endif
#ifdef SYS_pidfd_open
	SYS_pidfd_open,
#endif
#ifdef SYS_pidfd_send_signal
	SYS_pidfd_send_signal,
#endif
#ifdef SYS_pidfd_getfd
	SYS_pidfd_getfd,
#endif
};

/* A sanitizer reads files for its report, which is worth more than the ban. */
static const int opening[] = {
#ifdef SYS_open
	SYS_open,
#endif
#ifdef SYS_creat
	SYS_creat,
#endif
	SYS_openat,
#ifdef SYS_openat2
	SYS_openat2,
#endif
};

static const uint32_t socket_families[] = { AF_INET, AF_INET6 };
static const uint32_t socket_types[] = { SOCK_STREAM };
static const uint32_t socket_protocols[] = { 0, IPPROTO_TCP };
static const uint32_t requests[] = { SIOCGIFCONF, SIOCOUTQ };
static const uint32_t pipe_commands[] = { F_SETPIPE_SZ, F_GETPIPE_SZ };
static const uint32_t names[] = { PR_SET_NAME };
static const uint32_t ways_to_shut[] = { SHUT_WR };
static const uint32_t option_names[] = { SO_LINGER, SO_KEEPALIVE, SO_OOBINLINE,
	TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT,
	TCP_DEFER_ACCEPT };
static const uint32_t nothing[] = { 0 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
add_calls(struct seccomp_filter *filter, const int *calls, size_t count,
    uint32_t action)
{
	for (size_t i = 0; i < count; i++)
		seccomp_filter_call(filter, calls[i], action);
}

/* Only TCP: anything else kills. */
static void
add_socket(struct seccomp_filter *filter)
{
	const uint32_t flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	seccomp_filter_unless(filter, SYS_socket, 0, UINT32_MAX,
	    socket_families, COUNT(socket_families), SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_unless(filter, SYS_socket, 1, ~flags, socket_types,
	    COUNT(socket_types), SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_unless(filter, SYS_socket, 2, UINT32_MAX,
	    socket_protocols, COUNT(socket_protocols),
	    SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_call(filter, SYS_socket, SECCOMP_RET_ALLOW);
}

/* Memory, but none that can be executed. */
static void
add_memory(struct seccomp_filter *filter, int call)
{
	seccomp_filter_argument(filter, call, 2, PROT_EXEC, nothing,
	    COUNT(nothing), SECCOMP_RET_ALLOW);
}

static void
add_arguments(struct seccomp_filter *filter)
{
	const uint32_t self[] = { (uint32_t)getpid() };

	/* SHUT_RD would stop the listener, and so all workers, as a filter of
	 * packets would, for good. What connect(2) can do to it, the master
	 * mends. */
	seccomp_filter_argument(filter, SYS_setsockopt, 2, UINT32_MAX,
	    option_names, COUNT(option_names), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_shutdown, 1, UINT32_MAX,
	    ways_to_shut, COUNT(ways_to_shut), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_ioctl, 1, UINT32_MAX, requests,
	    COUNT(requests), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_prctl, 0, UINT32_MAX, names,
	    COUNT(names), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_tgkill, 0, UINT32_MAX, self,
	    COUNT(self), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_tkill, 0, UINT32_MAX, self,
	    COUNT(self), SECCOMP_RET_ALLOW); /* musl's abort() */
#ifdef SYS_fcntl64
	seccomp_filter_argument(filter, SYS_fcntl64, 1, UINT32_MAX,
	    pipe_commands, COUNT(pipe_commands), SECCOMP_RET_ALLOW);
#endif
	seccomp_filter_argument(filter, SYS_fcntl, 1, UINT32_MAX, pipe_commands,
	    COUNT(pipe_commands), SECCOMP_RET_ALLOW);
	/* Beside mmap2 the argument of mmap may be a pointer. */
#ifdef SYS_mmap2
	add_memory(filter, SYS_mmap2);
#else
	add_memory(filter, SYS_mmap);
#endif
	add_memory(filter, SYS_mprotect);
}

static bool
install_filter(void)
{
	static struct seccomp_filter filter;

	if (!seccomp_filter_begin(&filter))
		return false;
	add_calls(&filter, allowed, COUNT(allowed), SECCOMP_RET_ALLOW);
	add_socket(&filter);
	add_arguments(&filter);
	add_calls(&filter, deadly, COUNT(deadly), SECCOMP_RET_KILL_PROCESS);
	add_calls(&filter, opening, COUNT(opening),
	    SANITIZED ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
	return seccomp_filter_install(&filter,
		   SANITIZED ? SECCOMP_RET_ALLOW
			     : SECCOMP_RET_ERRNO | ENOSYS) == 0;
}

/* All that the first version of Landlock can forbid, without an exception;
 * truncate(2) and what else came later is the filter's. */
static bool
forbid_files(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr rules = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	long fd;
	bool done;

	if (version < 1)
		return false;
	fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	if (fd == -1)
		return false;
	done = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	close((int)fd);
	return done;
}

void
sandbox_forbid_core(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

bool
sandbox_enter(const char **missing)
{
	const struct rlimit none = { 0, 0 };

	*missing = NULL;
	setrlimit(RLIMIT_FSIZE, &none);
	if (!SANITIZED && !forbid_files())
		*missing = "landlock";
	if (!install_filter())
		*missing =
		    *missing == NULL ? "seccomp" : "landlock and seccomp";
	return *missing == NULL;
}
