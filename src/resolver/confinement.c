#include "resolver/confinement.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/seccomp_filter.h"

static const int deadly[] = {
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kill,
	SYS_tkill, /* but to or of itself, as the next two */
	SYS_tgkill,
	SYS_prlimit64,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_chroot,
	SYS_pivot_root,
	SYS_mount,
	SYS_umount2,
	SYS_unshare,
	SYS_setns,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_reboot,
	SYS_listen,
	SYS_accept4,
#ifdef SYS_accept
	SYS_accept,
#endif
#ifdef SYS_kexec_load
	SYS_kexec_load,
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup,
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

/* Ways to have signals sent to whoever owns a descriptor. */
static const uint32_t owner_commands[] = { F_SETOWN, F_SETOWN_EX, F_SETSIG };
static const uint32_t owner_requests[] = { FIOSETOWN, SIOCSPGRP };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
add_arguments(struct seccomp_filter *filter)
{
	const uint32_t self[] = { (uint32_t)getpid() };
	const uint32_t self_or_0[] = { (uint32_t)getpid(), 0 };

	seccomp_filter_argument(filter, SYS_tgkill, 0, UINT32_MAX, self,
	    COUNT(self), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_tkill, 0, UINT32_MAX, self,
	    COUNT(self), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_prlimit64, 0, UINT32_MAX, self_or_0,
	    COUNT(self_or_0), SECCOMP_RET_ALLOW);
	seccomp_filter_argument(filter, SYS_ioctl, 1, UINT32_MAX,
	    owner_requests, COUNT(owner_requests), SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_argument(filter, SYS_fcntl, 1, UINT32_MAX,
	    owner_commands, COUNT(owner_commands), SECCOMP_RET_KILL_PROCESS);
#ifdef SYS_fcntl64
	seccomp_filter_argument(filter, SYS_fcntl64, 1, UINT32_MAX,
	    owner_commands, COUNT(owner_commands), SECCOMP_RET_KILL_PROCESS);
#endif
}

void
confinement_enter(void)
{
	static struct seccomp_filter filter;

	if (!seccomp_filter_begin(&filter))
		return;
	add_arguments(&filter);
	for (size_t i = 0; i < COUNT(deadly); i++)
		seccomp_filter_call(
		    &filter, deadly[i], SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_install(&filter, SECCOMP_RET_ALLOW);
}
