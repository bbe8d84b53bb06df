/* sandbox_test.c - what kills a worker in its sandbox, what it is merely
 * refused, and what it still can. Each row runs in a process of its own. */

#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/seccomp_filter.h"
#include "check.h"

enum { FINE = 0, REFUSED = 1, WRONG = 2, NO_SANDBOX = 3 };

/* What waitpid(2) says of a process that did this in the sandbox. */
static int
status_of(int (*action)(void))
{
	const char *missing;
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		sandbox_forbid_core();
		if (!sandbox_enter(SANDBOX_WORKER, &missing) &&
		    strstr(missing, "seccomp") != NULL)
			_exit(NO_SANDBOX);
		_exit(action());
	}
	waitpid(child, &status, 0);
	return status;
}

static int
forks(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static int
executes(void)
{
	char *const none[] = { NULL };

	return execve("/bin/true", none, none);
}

static int
opens(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int
opens_udp(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static int
opens_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
opens_raw(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int
opens_sctp(void)
{
	return socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static int
opens_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

#ifdef __x86_64__
static int
forks_by_its_other_number(void)
{
	return (int)syscall(
	    SYS_clone | 0x40000000, SIGCHLD, NULL, NULL, NULL, NULL);
}
#endif

static int
kills_parent(void)
{
	return kill(getppid(), 0);
}

static int
kills_itself_by_kill(void)
{
	return kill(getpid(), 0);
}

static int
signals_thread_of_parent(void)
{
	return (int)syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static int
traces(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
reads_other_memory(void)
{
	return (int)syscall(
	    SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static int
changes_limits(void)
{
	return (int)syscall(
	    SYS_prlimit64, getppid(), RLIMIT_NOFILE, NULL, NULL);
}

static int
refused_if(bool failed, int error)
{
	return failed && errno == error ? REFUSED : WRONG;
}

static int
makes_folder(void)
{
	return refused_if(mkdir("/tmp/sandbox_test", 0700) == -1, ENOSYS);
}

static int
becomes_dumpable(void)
{
	return refused_if(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1, ENOSYS);
}

static int
stops_reading(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return refused_if(shutdown(fd, SHUT_RD) == -1, ENOSYS);
}

static int
executes_memory(void)
{
	return refused_if(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED,
	    ENOSYS);
}

static int
binds(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return refused_if(
	    bind(fd, (struct sockaddr *)&any, sizeof any) == -1, ENOSYS);
}

static int
changes_descriptor_flags(void)
{
	return refused_if(fcntl(0, F_SETOWN, getpid()) == -1, ENOSYS);
}

static int
opens_tcp(void)
{
	int v4 = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int v6 = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);

	return v4 == -1 || (v6 == -1 && errno != EAFNOSUPPORT);
}

static int
takes_memory(void)
{
	char *memory = malloc(4 << 20);

	if (memory == NULL)
		return WRONG;
	memset(memory, 1, 4 << 20);
	free(memory);
	return FINE;
}

static int
makes_pipes(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1 ||
	    fcntl(ends[1], F_GETPIPE_SZ) <= 0)
		return WRONG;
	return write(ends[1], "x", 1) == 1 ? FINE : WRONG;
}

static int
aborts(void)
{
	abort();
}

static const struct row {
	const char *name;
	int (*action)(void);
} deadly[] = {
	{ "fork", forks },
#ifdef __x86_64__
	{ "fork as x32", forks_by_its_other_number },
#endif
	{ "execve", executes },
	{ "UDP", opens_udp },
	{ "unix socket", opens_unix },
	{ "raw socket", opens_raw },
	{ "SCTP", opens_sctp },
	{ "netlink", opens_netlink },
	{ "kill of the parent", kills_parent },
	{ "kill of itself", kills_itself_by_kill },
	{ "tgkill of another", signals_thread_of_parent },
	{ "ptrace", traces },
	{ "process_vm_readv", reads_other_memory },
	{ "prlimit64", changes_limits },
}, refused[] = {
	{ "mkdir", makes_folder },
	{ "PR_SET_DUMPABLE", becomes_dumpable },
	{ "shutdown SHUT_RD", stops_reading },
	{ "mmap PROT_EXEC", executes_memory },
	{ "bind", binds },
	{ "fcntl F_SETOWN", changes_descriptor_flags },
}, fine[] = {
	{ "TCP", opens_tcp },
	{ "malloc", takes_memory },
	{ "pipes", makes_pipes },
};

#define EACH(row, table)                \
	(const struct row *row = table; \
	    row < table + sizeof table / sizeof table[0]; row++)

static void
what_no_worker_does_kills_it(void)
{
	for
		EACH(row, deadly)
		{
			int status = status_of(row->action);

			CHECK_ROW(
			    WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
			    row->name);
		}
}

/* A sanitizer's build lets these through. */
static void
opening_a_file_kills_and_other_calls_are_refused(void)
{
	int status = status_of(opens);

	if (SANITIZED)
		return;
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	for
		EACH(row, refused)
		{
			status = status_of(row->action);
			CHECK_ROW(
			    WIFEXITED(status) && WEXITSTATUS(status) == REFUSED,
			    row->name);
		}
}

static void
what_the_loop_needs_works(void)
{
	for
		EACH(row, fine)
		{
			int status = status_of(row->action);

			CHECK_ROW(
			    WIFEXITED(status) && WEXITSTATUS(status) == FINE,
			    row->name);
		}
}

static void
an_abort_is_still_an_abort(void)
{
	int status = status_of(aborts);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CHECK(!WCOREDUMP(status));
}

int
main(void)
{
	static struct seccomp_filter filter;

	if (!seccomp_filter_begin(&filter)) {
		printf("1..0 # SKIP this architecture has no filter\n");
		return 0;
	}
	RUN(what_no_worker_does_kills_it);
	RUN(opening_a_file_kills_and_other_calls_are_refused);
	RUN(what_the_loop_needs_works);
	RUN(an_abort_is_still_an_abort);
	return check_report();
}
