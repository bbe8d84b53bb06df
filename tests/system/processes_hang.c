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

static int (*real_ppoll)(
    struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void
remember(int signal)
{
	way = signal;
}

__attribute__((constructor)) static void
prepare(void)
{
	real_ppoll = dlsym(RTLD_NEXT, "ppoll");
	real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	signal(SIGUSR2, remember);
	signal(SIGWINCH, remember);
	signal(SIGURG, remember);
}

int
ppoll(struct pollfd *slots, nfds_t count, const struct timespec *timeout,
    const sigset_t *mask)
{
	if (way == SIGURG)
		return 0;
	return real_ppoll(slots, count, timeout, mask);
}

/* The first thing that a worker does when it wakes up. */
int
clock_gettime(clockid_t clock, struct timespec *now)
{
	while (way == SIGUSR2)
		continue;
	while (way == SIGWINCH)
		real_ppoll(NULL, 0, NULL, NULL);
	return real_clock_gettime(clock, now);
}
