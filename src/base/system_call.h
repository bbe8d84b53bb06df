/* system_call.h - the numbers of system calls. Any process.
 * A call that this architecture or these kernel headers lack has the number
 * -1, so that tables need no #ifdef: where a number exists, its macro hides
 * the constant. Nothing may include <sys/syscall.h> before this header. */

#ifndef SYSTEM_CALL_H
#define SYSTEM_CALL_H

/* clang-format off */
enum {
	SYS_accept = -1, SYS_accept4 = -1, SYS_clock_gettime = -1,
	SYS_clock_gettime32 = -1, SYS_clock_gettime64 = -1, SYS_clone3 = -1,
	SYS_close_range = -1, SYS_creat = -1, SYS_epoll_wait = -1,
	SYS_fcntl64 = -1, SYS_fork = -1, SYS_futex = -1, SYS_futex_time64 = -1,
	SYS_io_uring_setup = -1, SYS_kexec_load = -1,
	SYS_landlock_add_rule = -1, SYS_landlock_create_ruleset = -1,
	SYS_landlock_restrict_self = -1, SYS_mmap2 = -1, SYS_open = -1,
	SYS_openat2 = -1, SYS_pidfd_getfd = -1, SYS_pidfd_open = -1,
	SYS_pidfd_send_signal = -1, SYS_poll = -1, SYS_ppoll = -1,
	SYS_ppoll_time64 = -1, SYS_recv = -1, SYS_send = -1,
	SYS_setrlimit = -1, SYS_sigreturn = -1, SYS_socketcall = -1,
	SYS_timerfd_settime = -1, SYS_timerfd_settime32 = -1,
	SYS_timerfd_settime64 = -1, SYS_vfork = -1
};
/* clang-format on */

#include <sys/syscall.h>

#endif
