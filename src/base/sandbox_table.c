/* SPDX-License-Identifier: MIT */
#include "base/sandbox_table.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/system_call.h"

/* Where both exist, the arguments of the older mmap are in memory. */
enum {
	MAP_CALL = SYS_mmap2 != -1 ? SYS_mmap2 : SYS_mmap,
	OLD_MAP_CALL = SYS_mmap2 != -1 ? SYS_mmap : -1,
};

/* socketcall(2) is any call on sockets, with its arguments in memory, where a
 * filter cannot look at them. glibc needs it on i386; other architectures and
 * libraries that have it use the calls themselves. */
#if defined(__i386__) && defined(__GLIBC__)
enum { NEEDS_SOCKETCALL = true, SOCKETCALL = ALLOW };
#else
enum { NEEDS_SOCKETCALL = false, SOCKETCALL = ABSENT };
#endif

enum {
	SOCKET_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC,
	OPEN_TO_WRITE = O_ACCMODE | O_CREAT | O_TRUNC,
	ROUTES_AND_ADDRESSES = 0, /* NETLINK_ROUTE */
};

/* clang-format off */
#define MASKED(index, mask, value) { { index, mask, value }, OPERAND_CONSTANT }
#define IS(index, value) MASKED(index, UINT32_MAX, value)
#define IS_SET(index, bits) MASKED(index, bits, bits)
#define IS_NOT_SET(index, bits) MASKED(index, bits, 0)
#define IS_OPERAND(index, operand) { { index, UINT32_MAX, 0 }, operand }
#define IS_OWN_PID(index) IS_OPERAND(index, OPERAND_OWN_PID)
#define IS_LISTENER(index) IS_OPERAND(index, OPERAND_LISTENER)
#define IS_TYPE(type) MASKED(1, ~(uint32_t)SOCKET_FLAGS, type)

#define CALL_IF(number, worker, resolver, status, ...) \
	{ number, { worker, resolver, status }, { __VA_ARGS__ } }
#define CALL(number, worker, resolver, status) \
	CALL_IF(number, worker, resolver, status, MASKED(0, 0, 0))
#define OPTION(level, name) \
	CALL_IF(SYS_setsockopt, ALLOW, NONE, NONE, IS(1, level), IS(2, name))
/* clang-format on */

const struct sandbox_rule sandbox_table[] = {
	/* A worker's loop, the most frequent calls first. MSG_FASTOPEN makes
	 * sendto(2) another connect(2), which Landlock does not see. */
	CALL_IF(SYS_sendto, ALLOW, NONE, ALLOW, IS_NOT_SET(3, MSG_FASTOPEN)),
	CALL(SYS_recvfrom, ALLOW, NONE, ALLOW),
	CALL_IF(SYS_send, ALLOW, NONE, ALLOW, IS_NOT_SET(3, MSG_FASTOPEN)),
	CALL(SYS_poll, ALLOW, NONE, ALLOW), CALL(SYS_ppoll, ALLOW, NONE, ALLOW),
	CALL(SYS_ppoll_time64, ALLOW, NONE, ALLOW),
	CALL(SYS_epoll_wait, ALLOW, NONE, ALLOW),
	CALL(SYS_epoll_pwait, ALLOW, NONE, ALLOW),
	CALL(SYS_splice, ALLOW, NONE, NONE),
	CALL(SYS_epoll_ctl, ALLOW, NONE, ALLOW),
	CALL(SYS_close, ALLOW, NONE, ALLOW),
	CALL_IF(SYS_accept4, NONE, NONE, ALLOW, IS_LISTENER(0)),
	CALL(SYS_accept4, ALLOW, KILL, KILL),
	CALL(SYS_getsockopt, ALLOW, NONE, NONE),
	CALL(SYS_getsockname, ALLOW, NONE, NONE),
	CALL(SYS_clock_gettime, ALLOW, NONE, ALLOW),
	CALL(SYS_clock_gettime32, ALLOW, NONE, ALLOW),
	CALL(SYS_timerfd_settime, ALLOW, NONE, NONE),
	CALL(SYS_timerfd_settime32, ALLOW, NONE, NONE),
	CALL(SYS_timerfd_settime64, ALLOW, NONE, NONE),
	CALL(SYS_clock_gettime64, ALLOW, NONE, ALLOW),
	CALL(SYS_recv, ALLOW, NONE, ALLOW), CALL(SYS_read, ALLOW, NONE, ALLOW),
	CALL(SYS_pread64, ALLOW, NONE, NONE),
	CALL(SYS_write, ALLOW, NONE, ALLOW),
	CALL(SYS_writev, ALLOW, NONE, ALLOW),
	CALL(SYS_pipe2, ALLOW, NONE, NONE),

	/* The listener is one socket for all workers, so none may change it.
	 * Calls that fail on a listening socket need no row: read(2), send(2).
	 * dup3(2) puts another file in its place, and nothing else. */
	CALL_IF(SYS_connect, KILL, NONE, KILL, IS_LISTENER(0)),
	CALL_IF(SYS_setsockopt, KILL, NONE, KILL, IS_LISTENER(0)),
	CALL_IF(SYS_shutdown, KILL, NONE, KILL, IS_LISTENER(0)),
	CALL_IF(SYS_dup3, ALLOW, NONE, NONE, IS_LISTENER(1)),

	CALL(SYS_socketcall, (enum verdict)SOCKETCALL, (enum verdict)SOCKETCALL,
	    (enum verdict)SOCKETCALL),

	/* A worker's own sockets are TCP; any other kind kills. */
	CALL(SYS_connect, ALLOW, NONE, KILL),
	CALL_IF(SYS_socket, ALLOW, NONE, NONE, IS(0, AF_INET),
	    IS_TYPE(SOCK_STREAM), IS(2, 0)),
	CALL_IF(SYS_socket, ALLOW, NONE, NONE, IS(0, AF_INET),
	    IS_TYPE(SOCK_STREAM), IS(2, IPPROTO_TCP)),
	CALL_IF(SYS_socket, ALLOW, NONE, NONE, IS(0, AF_INET6),
	    IS_TYPE(SOCK_STREAM), IS(2, 0)),
	CALL_IF(SYS_socket, ALLOW, NONE, NONE, IS(0, AF_INET6),
	    IS_TYPE(SOCK_STREAM), IS(2, IPPROTO_TCP)),
	CALL(SYS_socket, KILL, NONE, KILL), OPTION(SOL_SOCKET, SO_LINGER),
	OPTION(SOL_SOCKET, SO_KEEPALIVE), OPTION(SOL_SOCKET, SO_OOBINLINE),
	OPTION(IPPROTO_TCP, TCP_NODELAY), OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
	OPTION(IPPROTO_TCP, TCP_KEEPINTVL), OPTION(IPPROTO_TCP, TCP_KEEPCNT),
	OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT),
	CALL_IF(SYS_shutdown, ALLOW, NONE, ALLOW, IS(1, SHUT_WR)),
	CALL_IF(SYS_ioctl, ALLOW, NONE, NONE, IS(1, SIOCGIFCONF)),
	CALL_IF(SYS_ioctl, ALLOW, NONE, NONE, IS(1, SIOCGIFNAME)),
	CALL_IF(SYS_ioctl, ALLOW, NONE, NONE, IS(1, SIOCOUTQ)),
	CALL_IF(SYS_fcntl, ALLOW, NONE, NONE, IS(1, F_SETPIPE_SZ)),
	CALL_IF(SYS_fcntl, ALLOW, NONE, NONE, IS(1, F_GETPIPE_SZ)),
	CALL_IF(SYS_fcntl64, ALLOW, NONE, NONE, IS(1, F_SETPIPE_SZ)),
	CALL_IF(SYS_fcntl64, ALLOW, NONE, NONE, IS(1, F_GETPIPE_SZ)),

	/* The resolver's: DNS, and the kernel's list of addresses. */
	CALL_IF(
	    SYS_socket, NONE, ALLOW, NONE, IS(0, AF_INET), IS_TYPE(SOCK_DGRAM)),
	CALL_IF(SYS_socket, NONE, ALLOW, NONE, IS(0, AF_INET),
	    IS_TYPE(SOCK_STREAM)),
	CALL_IF(SYS_socket, NONE, ALLOW, NONE, IS(0, AF_INET6),
	    IS_TYPE(SOCK_DGRAM)),
	CALL_IF(SYS_socket, NONE, ALLOW, NONE, IS(0, AF_INET6),
	    IS_TYPE(SOCK_STREAM)),
	CALL_IF(SYS_socket, NONE, ALLOW, NONE, IS(0, AF_NETLINK),
	    IS(2, ROUTES_AND_ADDRESSES)),
	CALL_IF(
	    SYS_socket, NONE, ALLOW, NONE, IS_OPERAND(0, OPERAND_UNIX_SOCKETS)),
	CALL(SYS_socket, NONE, REFUSE, NONE),

	/* Memory, but none that can be both filled and executed, and none that
	 * RLIMIT_DATA does not count. The resolver maps the code of name
	 * service modules, and files that it shares, but cannot write. */
	CALL_IF(MAP_CALL, NONE, REFUSE, NONE,
	    IS_SET(3, MAP_SHARED | MAP_ANONYMOUS)),
	CALL_IF(MAP_CALL, NONE, REFUSE, NONE, IS_SET(3, MAP_GROWSDOWN)),
	CALL_IF(MAP_CALL, ALLOW, NONE, ALLOW, IS_NOT_SET(2, PROT_EXEC),
	    IS_NOT_SET(3, MAP_SHARED | MAP_GROWSDOWN)),
	CALL_IF(MAP_CALL, NONE, ALLOW, NONE, IS_NOT_SET(2, PROT_EXEC)),
	CALL_IF(MAP_CALL, NONE, ALLOW, NONE,
	    MASKED(2, PROT_EXEC | PROT_WRITE, PROT_EXEC),
	    IS_NOT_SET(3, MAP_ANONYMOUS)),
	CALL_IF(SYS_mprotect, ALLOW, ALLOW, ALLOW, IS_NOT_SET(2, PROT_EXEC)),
	CALL(MAP_CALL, NONE, REFUSE, NONE),
	CALL(OLD_MAP_CALL, NONE, REFUSE, NONE),
	CALL(SYS_mprotect, NONE, REFUSE, NONE),
	CALL(SYS_pkey_mprotect, NONE, REFUSE, NONE),
	CALL(SYS_memfd_create, NONE, REFUSE, NONE),
	CALL(SYS_shmat, NONE, REFUSE, NONE), CALL(SYS_ipc, NONE, REFUSE, NONE),
	CALL(SYS_shmget, NONE, REFUSE, NONE),
	CALL(SYS_msgget, NONE, REFUSE, NONE),
	CALL(SYS_semget, NONE, REFUSE, NONE),
	CALL(SYS_socketpair, NONE, REFUSE, NONE),
	CALL(SYS_personality, NONE, KILL, NONE), /* all memory executable */
	CALL(SYS_brk, ALLOW, NONE, ALLOW), CALL(SYS_munmap, ALLOW, NONE, ALLOW),
	CALL(SYS_mremap, ALLOW, NONE, ALLOW),
	CALL(SYS_madvise, ALLOW, NONE, ALLOW),

	/* Locks, signals, the end. */
	CALL(SYS_futex, ALLOW, NONE, ALLOW),
	CALL(SYS_futex_time64, ALLOW, NONE, ALLOW),
	CALL(SYS_getrandom, ALLOW, NONE, ALLOW),
	CALL(SYS_getpid, ALLOW, NONE, ALLOW),
	CALL(SYS_gettid, ALLOW, NONE, ALLOW),
	CALL(SYS_rt_sigprocmask, ALLOW, NONE, ALLOW),
	CALL(SYS_rt_sigaction, ALLOW, NONE, ALLOW),
	CALL(SYS_rt_sigreturn, ALLOW, NONE, ALLOW),
	CALL(SYS_sigreturn, ALLOW, NONE, ALLOW),
	CALL(SYS_restart_syscall, ALLOW, NONE, ALLOW),
	CALL(SYS_exit, ALLOW, NONE, ALLOW),
	CALL(SYS_exit_group, ALLOW, NONE, ALLOW),
	CALL_IF(SYS_prctl, ALLOW, NONE, NONE, IS(0, PR_SET_NAME)),

	/* Files: Linux before 5.13 has no Landlock, and Landlock does not know
	 * modes and owners. */
	CALL(SYS_openat2, KILL_UNSANITIZED, ABSENT, KILL_UNSANITIZED),
	CALL_IF(SYS_open, NONE, ALLOW, NONE, IS_NOT_SET(1, OPEN_TO_WRITE)),
	CALL_IF(SYS_openat, NONE, ALLOW, NONE, IS_NOT_SET(2, OPEN_TO_WRITE)),
	CALL(SYS_open, KILL_UNSANITIZED, REFUSE, KILL_UNSANITIZED),
	CALL(SYS_openat, KILL_UNSANITIZED, REFUSE, KILL_UNSANITIZED),
	CALL(SYS_creat, KILL_UNSANITIZED, REFUSE, KILL_UNSANITIZED),
	CALL(SYS_truncate, NONE, REFUSE, NONE),
	CALL(SYS_truncate64, NONE, REFUSE, NONE),
	CALL(SYS_ftruncate, NONE, REFUSE, NONE),
	CALL(SYS_ftruncate64, NONE, REFUSE, NONE),
	CALL(SYS_fallocate, NONE, REFUSE, NONE),
	CALL(SYS_mkdir, NONE, REFUSE, NONE),
	CALL(SYS_mkdirat, NONE, REFUSE, NONE),
	CALL(SYS_mknod, NONE, REFUSE, NONE),
	CALL(SYS_mknodat, NONE, REFUSE, NONE),
	CALL(SYS_symlink, NONE, REFUSE, NONE),
	CALL(SYS_symlinkat, NONE, REFUSE, NONE),
	CALL(SYS_link, NONE, REFUSE, NONE),
	CALL(SYS_linkat, NONE, REFUSE, NONE),
	CALL(SYS_rename, NONE, REFUSE, NONE),
	CALL(SYS_renameat, NONE, REFUSE, NONE),
	CALL(SYS_renameat2, NONE, REFUSE, NONE),
	CALL(SYS_unlink, NONE, REFUSE, NONE),
	CALL(SYS_unlinkat, NONE, REFUSE, NONE),
	CALL(SYS_rmdir, NONE, REFUSE, NONE),
	CALL(SYS_chmod, NONE, REFUSE, NONE),
	CALL(SYS_fchmod, NONE, REFUSE, NONE),
	CALL(SYS_fchmodat, NONE, REFUSE, NONE),
	CALL(SYS_fchmodat2, NONE, REFUSE, NONE),
	CALL(SYS_chown, NONE, REFUSE, NONE),
	CALL(SYS_lchown, NONE, REFUSE, NONE),
	CALL(SYS_fchown, NONE, REFUSE, NONE),
	CALL(SYS_fchownat, NONE, REFUSE, NONE),
	CALL(SYS_utime, NONE, REFUSE, NONE),
	CALL(SYS_utimes, NONE, REFUSE, NONE),
	CALL(SYS_futimesat, NONE, REFUSE, NONE),
	CALL(SYS_utimensat, NONE, REFUSE, NONE),
	CALL(SYS_utimensat_time64, NONE, REFUSE, NONE),
	CALL(SYS_setxattr, NONE, REFUSE, NONE),
	CALL(SYS_lsetxattr, NONE, REFUSE, NONE),
	CALL(SYS_fsetxattr, NONE, REFUSE, NONE),
	CALL(SYS_removexattr, NONE, REFUSE, NONE),
	CALL(SYS_lremovexattr, NONE, REFUSE, NONE),
	CALL(SYS_fremovexattr, NONE, REFUSE, NONE),
	CALL(SYS_mq_open, NONE, REFUSE, NONE),
	CALL(SYS_flock, NONE, REFUSE, NONE), /* locks of others */

	/* Other processes of the same user: their order of running. */
	CALL(SYS_setpriority, NONE, REFUSE, NONE),
	CALL(SYS_ioprio_set, NONE, REFUSE, NONE),
	CALL(SYS_sched_setaffinity, NONE, REFUSE, NONE),
	CALL(SYS_sched_setattr, NONE, REFUSE, NONE),
	CALL(SYS_sched_setparam, NONE, REFUSE, NONE),
	CALL(SYS_sched_setscheduler, NONE, REFUSE, NONE),
	CALL(SYS_migrate_pages, NONE, REFUSE, NONE),
	CALL(SYS_move_pages, NONE, REFUSE, NONE),

	/* Ways to have signals sent to the owner of a descriptor. */
	CALL_IF(SYS_ioctl, NONE, KILL, NONE, IS(1, FIOSETOWN)),
	CALL_IF(SYS_ioctl, NONE, KILL, NONE, IS(1, SIOCSPGRP)),
	CALL_IF(SYS_fcntl, NONE, KILL, NONE, IS(1, F_SETOWN)),
	CALL_IF(SYS_fcntl, NONE, KILL, NONE, IS(1, F_SETOWN_EX)),
	CALL_IF(SYS_fcntl, NONE, KILL, NONE, IS(1, F_SETSIG)),
	CALL_IF(SYS_fcntl64, NONE, KILL, NONE, IS(1, F_SETOWN)),
	CALL_IF(SYS_fcntl64, NONE, KILL, NONE, IS(1, F_SETOWN_EX)),
	CALL_IF(SYS_fcntl64, NONE, KILL, NONE, IS(1, F_SETSIG)),

	/* No child of ours does this, so other code is at work. A process may
	 * signal itself, for abort(3); the resolver may ask for its limits and
	 * start threads. */
	CALL_IF(SYS_tkill, ALLOW, ALLOW, ALLOW, IS_OWN_PID(0)),
	CALL_IF(SYS_tgkill, ALLOW, ALLOW, ALLOW, IS_OWN_PID(0)),
	CALL_IF(SYS_prlimit64, NONE, ALLOW, NONE, IS_OWN_PID(0)),
	CALL_IF(SYS_prlimit64, NONE, ALLOW, NONE, IS(0, 0)),
	CALL_IF(SYS_clone, NONE, ALLOW, NONE, IS_SET(0, CLONE_THREAD)),
	CALL(SYS_tkill, KILL, KILL, KILL), CALL(SYS_tgkill, KILL, KILL, KILL),
	CALL(SYS_prlimit64, KILL, KILL, KILL),
	CALL(SYS_setrlimit, KILL, NONE, KILL),
	CALL(SYS_clone, KILL, KILL, KILL), CALL(SYS_clone3, KILL, ABSENT, KILL),
	CALL(SYS_fork, KILL, KILL, KILL), CALL(SYS_vfork, KILL, KILL, KILL),
	CALL(SYS_kill, KILL, KILL, KILL),
	CALL(SYS_rt_sigqueueinfo, KILL, KILL, KILL),
	CALL(SYS_rt_tgsigqueueinfo, KILL, KILL, KILL),
	CALL(SYS_pidfd_open, KILL, KILL, KILL),
	CALL(SYS_pidfd_send_signal, KILL, KILL, KILL),
	CALL(SYS_pidfd_getfd, KILL, KILL, KILL),
	CALL(SYS_ptrace, KILL, KILL, KILL),
	CALL(SYS_process_vm_readv, KILL, KILL, KILL),
	CALL(SYS_process_vm_writev, KILL, KILL, KILL),
	CALL(SYS_execve, KILL, KILL, KILL),
	CALL(SYS_execveat, KILL, KILL, KILL),
	CALL(SYS_sendto, KILL, NONE, KILL), CALL(SYS_send, KILL, NONE, KILL),

	/* The rest is for the resolver; to the others it returns ENOSYS. */
	CALL(SYS_listen, NONE, KILL, NONE), CALL(SYS_accept, NONE, KILL, NONE),
	CALL(SYS_chroot, NONE, KILL, NONE),
	CALL(SYS_pivot_root, NONE, KILL, NONE),
	CALL(SYS_mount, NONE, KILL, NONE), CALL(SYS_umount2, NONE, KILL, NONE),
	CALL(SYS_unshare, NONE, KILL, NONE), CALL(SYS_setns, NONE, KILL, NONE),
	CALL(SYS_bpf, NONE, KILL, NONE),
	CALL(SYS_perf_event_open, NONE, KILL, NONE),
	CALL(SYS_userfaultfd, NONE, KILL, NONE),
	CALL(SYS_io_uring_setup, NONE, KILL, NONE),
	CALL(SYS_keyctl, NONE, KILL, NONE), CALL(SYS_add_key, NONE, KILL, NONE),
	CALL(SYS_request_key, NONE, KILL, NONE),
	CALL(SYS_init_module, NONE, KILL, NONE),
	CALL(SYS_finit_module, NONE, KILL, NONE),
	CALL(SYS_delete_module, NONE, KILL, NONE),
	CALL(SYS_kexec_load, NONE, KILL, NONE),
	CALL(SYS_reboot, NONE, KILL, NONE),
	CALL(SYS_syscall, NONE, KILL, NONE), /* MIPS: any call by one number */
};

const size_t sandbox_table_rows =
    sizeof sandbox_table / sizeof sandbox_table[0];

const enum verdict sandbox_table_defaults[SANDBOX_PROFILES] = {
	[SANDBOX_WORKER] = SANITIZED ? ALLOW : ABSENT,
	[SANDBOX_RESOLVER] = ALLOW,
	[SANDBOX_STATUS] = SANITIZED ? ALLOW : ABSENT,
};

const bool sandbox_table_has_gate = NEEDS_SOCKETCALL;
