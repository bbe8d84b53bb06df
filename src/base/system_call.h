/* SPDX-License-Identifier: MIT */
/* system_call.h - the numbers of system calls. Any process.
 * A call that this architecture or these kernel headers lack has the number
 * -1, so that tables need no #ifdef: where a number exists, its macro hides
 * the constant. Nothing may include <sys/syscall.h> before this header. */

#ifndef SYSTEM_CALL_H
#define SYSTEM_CALL_H

/* clang-format off */
enum {
	SYS_accept = -1, SYS_accept4 = -1, SYS_add_key = -1, SYS_bpf = -1,
	SYS_chmod = -1, SYS_chown = -1, SYS_chroot = -1, SYS_clock_gettime = -1,
	SYS_clock_gettime32 = -1, SYS_clock_gettime64 = -1, SYS_clone = -1,
	SYS_clone3 = -1, SYS_close_range = -1, SYS_connect = -1, SYS_creat = -1,
	SYS_delete_module = -1, SYS_dup3 = -1, SYS_epoll_ctl = -1,
	SYS_epoll_pwait = -1, SYS_epoll_wait = -1, SYS_execveat = -1,
	SYS_fallocate = -1, SYS_fchmod = -1, SYS_fchmodat = -1,
	SYS_fchmodat2 = -1, SYS_fchown = -1, SYS_fchownat = -1,
	SYS_fcntl64 = -1, SYS_finit_module = -1, SYS_flock = -1, SYS_fork = -1,
	SYS_fremovexattr = -1, SYS_fsetxattr = -1, SYS_ftruncate = -1,
	SYS_ftruncate64 = -1, SYS_futex = -1, SYS_futex_time64 = -1,
	SYS_futimesat = -1, SYS_getrandom = -1, SYS_getsockname = -1,
	SYS_getsockopt = -1, SYS_init_module = -1, SYS_io_uring_setup = -1,
	SYS_ioprio_set = -1, SYS_ipc = -1, SYS_kexec_load = -1, SYS_keyctl = -1,
	SYS_landlock_add_rule = -1, SYS_landlock_create_ruleset = -1,
	SYS_landlock_restrict_self = -1, SYS_lchown = -1, SYS_link = -1,
	SYS_linkat = -1, SYS_listen = -1, SYS_lremovexattr = -1,
	SYS_lsetxattr = -1, SYS_memfd_create = -1, SYS_migrate_pages = -1,
	SYS_mkdir = -1, SYS_mkdirat = -1, SYS_mknod = -1, SYS_mknodat = -1,
	SYS_mmap = -1, SYS_mmap2 = -1, SYS_mount = -1, SYS_move_pages = -1,
	SYS_mprotect = -1, SYS_mq_open = -1, SYS_msgget = -1, SYS_open = -1,
	SYS_openat = -1, SYS_openat2 = -1, SYS_perf_event_open = -1,
	SYS_personality = -1, SYS_pidfd_getfd = -1, SYS_pidfd_open = -1,
	SYS_pidfd_send_signal = -1, SYS_pipe2 = -1, SYS_pivot_root = -1,
	SYS_pkey_mprotect = -1, SYS_poll = -1, SYS_ppoll = -1,
	SYS_ppoll_time64 = -1, SYS_prlimit64 = -1, SYS_process_vm_readv = -1,
	SYS_process_vm_writev = -1, SYS_reboot = -1, SYS_recv = -1,
	SYS_recvfrom = -1, SYS_removexattr = -1, SYS_rename = -1,
	SYS_renameat = -1, SYS_renameat2 = -1, SYS_request_key = -1,
	SYS_rmdir = -1, SYS_rt_sigqueueinfo = -1, SYS_rt_tgsigqueueinfo = -1,
	SYS_sched_setaffinity = -1, SYS_sched_setattr = -1,
	SYS_sched_setparam = -1, SYS_sched_setscheduler = -1, SYS_send = -1,
	SYS_semget = -1, SYS_sendto = -1, SYS_setns = -1, SYS_setpriority = -1,
	SYS_setrlimit = -1, SYS_setsockopt = -1, SYS_setxattr = -1,
	SYS_shmat = -1, SYS_shmget = -1, SYS_shutdown = -1, SYS_sigreturn = -1,
	SYS_socket = -1, SYS_socketcall = -1, SYS_socketpair = -1,
	SYS_splice = -1, SYS_symlink = -1, SYS_symlinkat = -1, SYS_syscall = -1,
	SYS_tgkill = -1, SYS_timerfd_settime = -1, SYS_timerfd_settime32 = -1,
	SYS_timerfd_settime64 = -1, SYS_tkill = -1, SYS_truncate = -1,
	SYS_truncate64 = -1, SYS_umount2 = -1, SYS_unlink = -1,
	SYS_unlinkat = -1, SYS_unshare = -1, SYS_userfaultfd = -1,
	SYS_utime = -1, SYS_utimensat = -1, SYS_utimensat_time64 = -1,
	SYS_utimes = -1, SYS_vfork = -1
};
/* clang-format on */

#include <sys/syscall.h>

#endif
