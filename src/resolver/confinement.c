#include "resolver/confinement.h"

#include <linux/seccomp.h>
#include <stdint.h>
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
	SYS_tkill, /* but to itself, as the next */
	SYS_tgkill,
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

void
confinement_enter(void)
{
	static struct seccomp_filter filter;
	const uint32_t self[] = { (uint32_t)getpid() };

	if (!seccomp_filter_begin(&filter))
		return;
	seccomp_filter_argument(
	    &filter, SYS_tgkill, 0, UINT32_MAX, self, 1, SECCOMP_RET_ALLOW);
	seccomp_filter_argument(
	    &filter, SYS_tkill, 0, UINT32_MAX, self, 1, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		seccomp_filter_call(
		    &filter, deadly[i], SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_install(&filter, SECCOMP_RET_ALLOW);
}
