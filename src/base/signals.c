/* SPDX-License-Identifier: MIT */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t flags[SIGNAL_CHILD + 1];

static const struct handled {
	int signal;
	enum signal_flag flag;
} handled[] = {
	{ SIGTERM, SIGNAL_STOP },
	{ SIGINT, SIGNAL_STOP },
	{ SIGHUP, SIGNAL_RELOAD },
	{ SIGUSR1, SIGNAL_TOTALS },
	{ SIGCHLD, SIGNAL_CHILD },
};
enum { HANDLED = sizeof handled / sizeof handled[0] };

static void
raise_flag(int signal)
{
	for (size_t i = 0; i < HANDLED; i++) {
		if (handled[i].signal == signal)
			flags[handled[i].flag]++;
	}
}

static void
set_action(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigfillset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

void
signals_open(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < HANDLED; i++) {
		sigaddset(&blocked, handled[i].signal);
		set_action(handled[i].signal, raise_flag);
	}
	set_action(SIGPIPE, SIG_IGN);
	set_action(SIGXFSZ, SIG_IGN);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

void
signals_open_child(void)
{
	set_action(SIGINT, SIG_IGN);
	set_action(SIGHUP, SIG_IGN);
	set_action(SIGUSR1, SIG_IGN);
	set_action(SIGCHLD, SIG_DFL);
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		flags[i] = 0;
}

int
signals_stop_descriptor(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	return signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool
signals_take_stop(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof info) == sizeof info;
}

int
signals_wait(struct pollfd *slots, nfds_t count, int timeout_ms)
{
	struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};
	sigset_t none;

	sigemptyset(&none);
	return ppoll(slots, count, timeout_ms < 0 ? NULL : &timeout, &none);
}

void
signals_let_in(void)
{
	signals_wait(NULL, 0, 0);
}

int
signals_take(enum signal_flag flag)
{
	int count = flags[flag];

	flags[flag] = 0;
	return count;
}
