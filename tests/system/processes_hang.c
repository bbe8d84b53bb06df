/* SPDX-License-Identifier: MIT */
/* processes_hang.c - preloaded into the daemon: a worker that gets one of these
 * signals hangs, each in its own way, outside of poll(2) like any bug would.
 *   USR2   computes for ever
 *   WINCH  waits for ever
 *   URG    turns for ever: poll(2) says that something is ready, all the time
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

static volatile sig_atomic_t way;

static int (*real_poll)(struct pollfd *, nfds_t, int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void
remember(int signal)
{
	way = signal;
}

__attribute__((constructor)) static void
prepare(void)
{
	real_poll = dlsym(RTLD_NEXT, "poll");
	real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	signal(SIGUSR2, remember);
	signal(SIGWINCH, remember);
	signal(SIGURG, remember);
}

int
poll(struct pollfd *slots, nfds_t count, int timeout_ms)
{
	if (way == SIGURG)
		return 0;
	return real_poll(slots, count, timeout_ms);
}

/* What a checking compiler makes of it. */
int
__poll_chk(struct pollfd *slots, nfds_t count, int timeout_ms, size_t room)
{
	(void)room;
	return poll(slots, count, timeout_ms);
}

/* The first thing that a worker does when it wakes up. */
int
clock_gettime(clockid_t clock, struct timespec *now)
{
	while (way == SIGUSR2)
		continue;
	while (way == SIGWINCH)
		real_poll(NULL, 0, -1);
	return real_clock_gettime(clock, now);
}
