/* SPDX-License-Identifier: MIT */
/* sandbox_test.c - what kills a worker, a resolver or a status process in its
 * sandbox, what it is merely refused, and what it still can. Each action runs
 * in a process of its own. */

#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core_dump.h"
#include "base/descriptor.h"
#include "base/sandbox_table.h"
#include "base/seccomp_filter.h"
#include "base/system_call.h"
#include "check.h"

/* What comes of an action, besides an errno value. */
enum { WORKS = 0, DIES = 200, ABORTS, EITHER, NO_SANDBOX, WRONG };

/* Sockets that stand for the world outside of the sandbox. */
static int listener_fd = -1; /* shared by all workers */
static uint16_t listener_port, upstream_port, other_port;

static struct sandbox worker = { .profile = SANDBOX_WORKER };
static struct sandbox status_server = { .profile = SANDBOX_STATUS };
static struct sandbox resolver = { .profile = SANDBOX_RESOLVER,
	.listener_fd = -1 };
static struct sandbox resolver_with_unix = {
	.profile = SANDBOX_RESOLVER, .listener_fd = -1, .unix_sockets = true
};

static int
listen_anywhere(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) == -1)
		abort();
	*port = ntohs(address.sin_port);
	return fd;
}

static int
outcome_of(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return DIES;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
	    !WCOREDUMP(status))
		return ABORTS;
	return WRONG;
}

static int
outcome(int (*action)(void), const struct sandbox *sandbox)
{
	char words[128];
	struct text missing = text_in(words, sizeof words);
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		core_dump_forbid();
		if (!sandbox_enter(sandbox, &missing) &&
		    strstr(words, "seccomp") != NULL)
			_exit(NO_SANDBOX);
		if ((strstr(words, "socketcall") != NULL) !=
		    sandbox_table_has_gate)
			_exit(WRONG);
		_exit(action());
	}
	waitpid(child, &status, 0);
	return outcome_of(status);
}

static int
errno_if(bool failed)
{
	return failed ? errno : WORKS;
}

static int
forks(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return errno_if(pid == -1);
}

static int
forks_by_clone3(void)
{
	return errno_if(syscall(SYS_clone3, NULL, 0) == -1);
}

static void *
give_back(void *argument)
{
	return argument;
}

static int
starts_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, give_back, NULL);

	return error != 0 ? error : pthread_join(thread, NULL);
}

static int
executes(void)
{
	char *const none[] = { NULL };

	return errno_if(execve("/bin/true", none, none) == -1);
}

static int
opens_to(int flags, const char *path)
{
	return errno_if(open(path, flags | O_CLOEXEC, 0600) == -1);
}

static int
opens(void)
{
	return opens_to(O_RDONLY, "/etc/passwd");
}

static int
opens_to_write(void)
{
	return opens_to(O_WRONLY, "/dev/null");
}

static int
opens_to_truncate(void)
{
	return opens_to(O_RDONLY | O_TRUNC, "/dev/null");
}

static int
makes_file(void)
{
	return opens_to(O_RDONLY | O_CREAT, "/tmp/sandbox_test");
}

static int
makes_file_without_name(void)
{
	return opens_to(O_TMPFILE | O_RDWR, "/tmp");
}

static int
truncates(void)
{
	return errno_if(truncate("/tmp/none/of/these", 0) == -1);
}

static int
makes_folder(void)
{
	return errno_if(mkdir("/tmp/sandbox_test", 0700) == -1);
}

static int
removes(void)
{
	return errno_if(unlink("/tmp/none/of/these") == -1);
}

static int
changes_mode(void)
{
	return errno_if(chmod("/tmp/none/of/these", 0777) == -1);
}

static int
locks(void)
{
	return errno_if(flock(STDIN_FILENO, LOCK_SH | LOCK_NB) == -1);
}

static int
opens_socket(int family, int type, int protocol)
{
	return errno_if(socket(family, type, protocol) == -1);
}

static int
opens_tcp(void)
{
	return opens_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static int
opens_tcp6(void)
{
	int result =
	    opens_socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);

	return result == EAFNOSUPPORT ? WORKS : result;
}

static int
opens_udp(void)
{
	return opens_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int
opens_unix(void)
{
	return opens_socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
opens_raw(void)
{
	return opens_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int
opens_packet(void)
{
	return opens_socket(AF_PACKET, SOCK_DGRAM, 0);
}

static int
opens_sctp(void)
{
	return opens_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static int
opens_route_netlink(void)
{
	return opens_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

static int
opens_other_netlink(void)
{
	return opens_socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
}

static int
listens(void)
{
	return errno_if(listen(STDIN_FILENO, 1) == -1);
}

static int
resolves_name(void)
{
	struct addrinfo *found;
	int error = getaddrinfo("localhost", NULL, NULL, &found);

	return error == 0 ? WORKS : WRONG;
}

static int
forks_by_its_other_number(void)
{
	return errno_if(syscall(SYS_clone | 0x40000000, SIGCHLD, NULL, NULL,
			    NULL, NULL) == -1);
}

static int
kills_parent(void)
{
	return errno_if(kill(getppid(), 0) == -1);
}

static int
kills_itself_by_kill(void)
{
	return errno_if(kill(getpid(), 0) == -1);
}

static int
signals_thread_of_parent(void)
{
	return errno_if(syscall(SYS_tgkill, getppid(), getppid(), 0) == -1);
}

static int
owns_descriptor(void)
{
	return errno_if(fcntl(STDIN_FILENO, F_SETOWN, getppid()) == -1);
}

static int
slows_parent(void)
{
	return errno_if(setpriority(PRIO_PROCESS, (id_t)getppid(), 19) == -1);
}

static int
traces(void)
{
	return errno_if(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1);
}

static int
reads_other_memory(void)
{
	return errno_if(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL,
			    0, 0) == -1);
}

static int
changes_limits(void)
{
	return errno_if(
	    syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, NULL, NULL) == -1);
}

static int
becomes_dumpable(void)
{
	return errno_if(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1);
}

static int
maps(int protection, int flags, int fd)
{
	return errno_if(mmap(NULL, 4096, protection, MAP_PRIVATE | flags, fd,
			    0) == MAP_FAILED);
}

static int
maps_to_write_and_execute(void)
{
	return maps(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_ANONYMOUS, -1);
}

static int
maps_to_execute(void)
{
	return maps(PROT_READ | PROT_EXEC, MAP_ANONYMOUS, -1);
}

static int
maps_code_of_a_file(void)
{
	return maps(PROT_READ | PROT_EXEC, 0,
	    open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

static int
makes_memory_executable(void)
{
	static char page[8192];
	char *start = page + 4096 - (uintptr_t)page % 4096;

	return errno_if(mprotect(start, 4096, PROT_READ | PROT_EXEC) == -1);
}

static int
makes_all_memory_executable(void)
{
	return errno_if(syscall(SYS_personality, READ_IMPLIES_EXEC) == -1);
}

static int
makes_file_in_memory(void)
{
	return errno_if(syscall(SYS_memfd_create, "code", 0) == -1);
}

static int
maps_shared_memory(void)
{
	return errno_if(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
}

static int
shares_a_file(void)
{
	return errno_if(
	    mmap(NULL, 4096, PROT_READ, MAP_SHARED,
		open("/proc/self/exe", O_RDONLY | O_CLOEXEC), 0) == MAP_FAILED);
}

static int
maps_a_stack(void)
{
	return maps(PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_GROWSDOWN, -1);
}

static int
makes_segment(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);

	if (id != -1)
		shmctl(id, IPC_RMID, NULL);
	return errno_if(id == -1);
}

static int
makes_message_queue(void)
{
	int id = msgget(IPC_PRIVATE, 0600);

	if (id != -1)
		msgctl(id, IPC_RMID, NULL);
	return errno_if(id == -1);
}

static int
makes_semaphores(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);

	if (id != -1)
		semctl(id, 0, IPC_RMID);
	return errno_if(id == -1);
}

static int
makes_socket_pair(void)
{
	int ends[2];

	return errno_if(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1);
}

static int
attaches_shared_memory(void)
{
	return errno_if(shmat(-1, NULL, SHM_EXEC) == (void *)-1);
}

static int
binds(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return errno_if(bind(fd, (struct sockaddr *)&any, sizeof any) == -1);
}

static int
takes_memory(void)
{
	char *memory = malloc(4 << 20);

	if (memory == NULL)
		return WRONG;
	memset(memory, 1, 4 << 20);
	free(memory);
	return WORKS;
}

static int
makes_pipes(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return errno;
	if (fcntl(ends[1], F_GETPIPE_SZ) <= 0)
		return WRONG;
	return write(ends[1], "x", 1) == 1 ? WORKS : WRONG;
}

static int
aborts(void)
{
	abort();
}

/* --- the listener, which other workers have, too, and sockets of one's own */

static int
sets_option(int fd, int level, int name)
{
	const int value[2] = { 0, 0 };

	return errno_if(setsockopt(fd, level, name, value, sizeof value) == -1);
}

static int
sets_linger_of_listener(void)
{
	return sets_option(listener_fd, SOL_SOCKET, SO_LINGER);
}

static int
defers_accept_of_listener(void)
{
	return sets_option(listener_fd, IPPROTO_TCP, TCP_DEFER_ACCEPT);
}

static int
disconnects(int fd)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	return errno_if(connect(fd, &nobody, sizeof nobody) == -1);
}

static int
disconnects_listener(void)
{
	return disconnects(listener_fd);
}

/* sendto(2) with this flag is connect(2) by another name. */
static int
sends_fast(int fd, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return errno_if(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
			    (struct sockaddr *)&address, sizeof address) == -1);
}

static int
sends_fast_by_listener(void)
{
	return sends_fast(listener_fd, upstream_port);
}

static int
sends_fast_to_another_port(void)
{
	return sends_fast(socket(AF_INET, SOCK_STREAM, 0), other_port);
}

static int
shuts_listener_down(void)
{
	return errno_if(shutdown(listener_fd, SHUT_WR) == -1);
}

static int
duplicates_listener(void)
{
	return errno_if(dup(listener_fd) == -1);
}

static int
duplicates_listener_to(void)
{
	return errno_if(dup2(listener_fd, listener_fd + 1) == -1);
}

static int
duplicates_listener_by_fcntl(void)
{
	return errno_if(fcntl(listener_fd, F_DUPFD, 0) == -1);
}

static int
accepts(void)
{
	int fd = accept4(listener_fd, NULL, NULL, SOCK_NONBLOCK);

	return errno_if(fd == -1);
}

/* An accepted socket has a number of its own. Without flags musl calls
 * accept(2).
 */
static int
accepts_by_another_number(void)
{
	return errno_if(accept4(STDIN_FILENO, NULL, NULL, SOCK_NONBLOCK) == -1);
}

static int
answers_and_ends(void)
{
	char byte;
	int fd = accept4(listener_fd, NULL, NULL, SOCK_NONBLOCK);

	if (fd == -1 || recv(fd, &byte, 1, MSG_DONTWAIT) != -1 ||
	    errno != EAGAIN || send(fd, "", 1, MSG_NOSIGNAL) != 1)
		return WRONG;
	return errno_if(shutdown(fd, SHUT_WR) == -1 || close(fd) == -1);
}

static int
connects_an_accepted_socket(void)
{
	return disconnects(accept4(listener_fd, NULL, NULL, SOCK_NONBLOCK));
}

static int
sets_option_of_an_accepted_socket(void)
{
	return sets_option(accept4(listener_fd, NULL, NULL, SOCK_NONBLOCK),
	    SOL_SOCKET, SO_LINGER);
}

/* The number stays in use: another socket with it could not connect. */
static int
retires_listener(void)
{
	int number = listener_fd, fd = listener_fd;

	descriptor_retire(&fd);
	if (fd != -1 || accept4(number, NULL, NULL, SOCK_NONBLOCK) != -1 ||
	    errno != ENOTSOCK)
		return WRONG;
	return socket(AF_INET, SOCK_STREAM, 0) != number ? WORKS : WRONG;
}

static int
sets_congestion_control(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return errno_if(
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) == -1);
}

static int
sets_ip_options(void)
{
	return sets_option(
	    socket(AF_INET, SOCK_STREAM, 0), IPPROTO_IP, IP_OPTIONS);
}

static int
sets_linger(void)
{
	return sets_option(
	    socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, SO_LINGER);
}

static int
stops_reading(void)
{
	return errno_if(
	    shutdown(socket(AF_INET, SOCK_STREAM, 0), SHUT_RD) == -1);
}

static int
connects(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return errno_if(
	    connect(fd, (struct sockaddr *)&address, sizeof address) == -1);
}

static int
connects_to_upstream(void)
{
	return connects(upstream_port);
}

static int
connects_to_another_port(void)
{
	return connects(other_port);
}

static int
disconnects_its_own(void)
{
	return disconnects(socket(AF_INET, SOCK_STREAM, 0));
}

static const struct row {
	const char *name;
	int (*action)(void);
	int in_worker;
	int in_resolver;
	int in_status;
} rows[] = {
	{ "fork", forks, DIES, DIES, DIES },
	{ "clone3", forks_by_clone3, DIES, ENOSYS, DIES },
	{ "thread", starts_thread, DIES, WORKS, DIES },
	{ "execve", executes, DIES, DIES, DIES },
	{ "kill of the parent", kills_parent, DIES, DIES, DIES },
	{ "kill of itself", kills_itself_by_kill, DIES, DIES, DIES },
	{ "tgkill of another", signals_thread_of_parent, DIES, DIES, DIES },
	{ "fcntl F_SETOWN", owns_descriptor, ENOSYS, DIES, ENOSYS },
	{ "setpriority of the parent", slows_parent, ENOSYS, EACCES, ENOSYS },
	{ "ptrace", traces, DIES, DIES, DIES },
	{ "process_vm_readv", reads_other_memory, DIES, DIES, DIES },
	{ "prlimit64", changes_limits, DIES, DIES, DIES },
	{ "abort", aborts, ABORTS, ABORTS, ABORTS },

	{ "open", opens, DIES, WORKS, DIES },
	{ "open to write", opens_to_write, DIES, EACCES, DIES },
	{ "open O_TRUNC", opens_to_truncate, DIES, EACCES, DIES },
	{ "open O_CREAT", makes_file, DIES, EACCES, DIES },
	{ "open O_TMPFILE", makes_file_without_name, DIES, EACCES, DIES },
	{ "truncate", truncates, ENOSYS, EACCES, ENOSYS },
	{ "mkdir", makes_folder, ENOSYS, EACCES, ENOSYS },
	{ "unlink", removes, ENOSYS, EACCES, ENOSYS },
	{ "chmod", changes_mode, ENOSYS, EACCES, ENOSYS },
	{ "flock", locks, ENOSYS, EACCES, ENOSYS },

	{ "PR_SET_DUMPABLE", becomes_dumpable, ENOSYS, EITHER, ENOSYS },
	{ "mmap PROT_WRITE | PROT_EXEC", maps_to_write_and_execute, ENOSYS, EACCES, ENOSYS },
	{ "mmap PROT_EXEC", maps_to_execute, ENOSYS, EACCES, ENOSYS },
	{ "mmap PROT_EXEC of a file", maps_code_of_a_file, DIES, WORKS, DIES },
	{ "mprotect PROT_EXEC", makes_memory_executable, ENOSYS, EACCES, ENOSYS },
	{ "personality", makes_all_memory_executable, ENOSYS, DIES, ENOSYS },
	{ "memfd_create", makes_file_in_memory, ENOSYS, EACCES, ENOSYS },
	{ "shmat", attaches_shared_memory, ENOSYS, EACCES, ENOSYS },
	{ "shmget", makes_segment, ENOSYS, EACCES, ENOSYS },
	{ "msgget", makes_message_queue, ENOSYS, EACCES, ENOSYS },
	{ "semget", makes_semaphores, ENOSYS, EACCES, ENOSYS },
	{ "mmap MAP_SHARED | MAP_ANONYMOUS", maps_shared_memory, ENOSYS, EACCES, ENOSYS },
	{ "mmap MAP_SHARED of a file", shares_a_file, DIES, WORKS, DIES },
	{ "mmap MAP_GROWSDOWN", maps_a_stack, ENOSYS, EACCES, ENOSYS },
	{ "malloc", takes_memory, WORKS, WORKS, WORKS },
	{ "pipes", makes_pipes, WORKS, WORKS, ENOSYS },
}, socket_rows[] = {
	{ "TCP", opens_tcp, WORKS, WORKS, DIES },
	{ "TCP, IPv6", opens_tcp6, WORKS, WORKS, DIES },
	{ "UDP", opens_udp, DIES, WORKS, DIES },
	{ "unix socket", opens_unix, DIES, EACCES, DIES },
	{ "socketpair", makes_socket_pair, ENOSYS, EACCES, ENOSYS },
	{ "raw socket", opens_raw, DIES, EACCES, DIES },
	{ "packet socket", opens_packet, DIES, EACCES, DIES },
	{ "SCTP", opens_sctp, DIES, EITHER, DIES },
	{ "netlink for addresses", opens_route_netlink, DIES, WORKS, DIES },
	{ "netlink for sockets", opens_other_netlink, DIES, EACCES, DIES },
	{ "bind", binds, ENOSYS, WORKS, DIES },
	{ "listen", listens, ENOSYS, DIES, ENOSYS },
	{ "getaddrinfo", resolves_name, DIES, WORKS, DIES },

	{ "SO_LINGER of the listener", sets_linger_of_listener, DIES, EITHER, DIES },
	{ "TCP_DEFER_ACCEPT of the listener", defers_accept_of_listener, DIES, EITHER, DIES },
	{ "connect of the listener", disconnects_listener, DIES, EITHER, DIES },
	{ "MSG_FASTOPEN of the listener", sends_fast_by_listener, DIES, EITHER, DIES },
	{ "shutdown of the listener", shuts_listener_down, DIES, EITHER, DIES },
	{ "dup of the listener", duplicates_listener, ENOSYS, EITHER, ENOSYS },
	{ "dup2 of the listener", duplicates_listener_to, ENOSYS, EITHER, ENOSYS },
	{ "F_DUPFD of the listener", duplicates_listener_by_fcntl, ENOSYS, EITHER, ENOSYS },
	{ "accept4", accepts, WORKS, DIES, WORKS },
	{ "another file in the listener's place", retires_listener, WORKS, EITHER, EITHER },
	{ "TCP_CONGESTION", sets_congestion_control, ENOSYS, EITHER, DIES },
	{ "IP_OPTIONS", sets_ip_options, ENOSYS, EITHER, DIES },
	{ "SO_LINGER", sets_linger, WORKS, EITHER, DIES },
	{ "shutdown SHUT_RD", stops_reading, ENOSYS, EITHER, DIES },
	{ "connect AF_UNSPEC of its own socket", disconnects_its_own, WORKS, EITHER, DIES },
	{ "connect to an upstream", connects_to_upstream, WORKS, EITHER, DIES },
	{ "MSG_FASTOPEN to another port", sends_fast_to_another_port, DIES, EITHER, DIES },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Where there is socketcall(2), its arguments cannot be looked at. */
static bool has_rules;

/* A sanitizer's build lets much through. */
static bool
is_known(int expected)
{
	if (SANITIZED)
		return expected == WORKS;
	return expected != EITHER;
}

static void
check_outcome(
    const struct row *row, const struct sandbox *sandbox, int expected)
{
	int result;
	char words[128];

	if (!is_known(expected))
		return;
	result = outcome(row->action, sandbox);
	snprintf(words, sizeof words, "%s: %d", row->name, result);
	CHECK_ROW(result == expected, words);
}

static void
expect_client(void)
{
	if (connects(listener_port) != WORKS)
		abort();
}

static void
a_worker_can_do_what_its_loop_needs(void)
{
	expect_client(); /* for accept4 */
	for (size_t i = 0; i < COUNT(rows); i++)
		check_outcome(&rows[i], &worker, rows[i].in_worker);
	for (size_t i = 0; i < COUNT(socket_rows) && has_rules; i++)
		check_outcome(
		    &socket_rows[i], &worker, socket_rows[i].in_worker);
}

static void
a_resolver_can_do_what_name_services_need(void)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		check_outcome(&rows[i], &resolver, rows[i].in_resolver);
	for (size_t i = 0; i < COUNT(socket_rows) && has_rules; i++)
		check_outcome(
		    &socket_rows[i], &resolver, socket_rows[i].in_resolver);
}

/* It has the clients that its listener gives to it, and makes no socket. */
static void
a_status_process_can_accept_and_answer(void)
{
	static const struct row accepted_rows[] = {
		{ "an answer", answers_and_ends, WORKS, EITHER, WORKS },
		{ "connect of an accepted socket", connects_an_accepted_socket,
		    EITHER, EITHER, DIES },
		{ "option of an accepted socket",
		    sets_option_of_an_accepted_socket, EITHER, EITHER, ENOSYS },
		{ "accept4 of another socket", accepts_by_another_number,
		    ENOTSOCK, EITHER, DIES },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check_outcome(&rows[i], &status_server, rows[i].in_status);
	expect_client();
	for (size_t i = 0; i < COUNT(socket_rows) && has_rules; i++)
		check_outcome(
		    &socket_rows[i], &status_server, socket_rows[i].in_status);
	for (size_t i = 0; i < COUNT(accepted_rows) && has_rules; i++) {
		expect_client();
		check_outcome(&accepted_rows[i], &status_server,
		    accepted_rows[i].in_status);
	}
}

static void
a_resolver_has_unix_sockets_where_modules_need_them(void)
{
	CHECK(outcome(opens_unix, &resolver_with_unix) == WORKS);
	CHECK(SANITIZED || !has_rules ||
	    outcome(opens_other_netlink, &resolver_with_unix) == EACCES);
}

static bool
kernel_knows_ports(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 4;
}

static void
a_worker_connects_to_the_ports_of_upstreams_alone(void)
{
	struct sandbox anywhere = worker;

	if (SANITIZED || !kernel_knows_ports())
		return;
	CHECK(outcome(connects_to_another_port, &worker) == EACCES);
	anywhere.port_count = 0;
	CHECK(outcome(connects_to_another_port, &anywhere) == WORKS);
}

static void
a_process_can_be_called_by_one_set_of_numbers_alone(void)
{
#ifdef __x86_64__
	CHECK(outcome(forks_by_its_other_number, &worker) == DIES);
	CHECK(outcome(forks_by_its_other_number, &resolver) == DIES);
	CHECK(outcome(forks_by_its_other_number, &status_server) == DIES);
#else
	(void)forks_by_its_other_number;
#endif
}

int
main(void)
{
	static struct seccomp_filter filter;
	static uint16_t ports[1];
	int number;

	if (!seccomp_filter_begin(&filter)) {
		printf("1..0 # SKIP this architecture has no filter\n");
		return 0;
	}
	number = listen_anywhere(&listener_port);
	listener_fd = fcntl(number, F_DUPFD, 100);
	close(number);
	listen_anywhere(&upstream_port);
	listen_anywhere(&other_port);
	ports[0] = upstream_port;
	worker.listener_fd = status_server.listener_fd = listener_fd;
	worker.ports = ports;
	worker.port_count = 1;
	has_rules = !sandbox_table_has_gate;
	RUN(a_worker_can_do_what_its_loop_needs);
	RUN(a_status_process_can_accept_and_answer);
	RUN(a_resolver_can_do_what_name_services_need);
	RUN(a_resolver_has_unix_sockets_where_modules_need_them);
	RUN(a_worker_connects_to_the_ports_of_upstreams_alone);
	RUN(a_process_can_be_called_by_one_set_of_numbers_alone);
	return check_report();
}
