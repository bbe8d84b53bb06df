/* SPDX-License-Identifier: MIT */
/* signals.h - turns signals into flags. The handler does nothing else. Signals
 * are blocked except during a wait, so that none is lost between the look at a
 * flag and the wait. A worker waits too often for that: it reads TERM from a
 * descriptor, signalfd(2). */

#ifndef SIGNALS_H
#define SIGNALS_H

#include <poll.h>
#include <stdbool.h>

enum signal_flag {
	SIGNAL_STOP, /* TERM, INT */
	SIGNAL_RELOAD, /* HUP */
	SIGNAL_TOTALS, /* USR1 */
	SIGNAL_CHILD, /* CHLD */
};

/* In the master, before it forks. */
void signals_open(void);

/* In a child, before all else. It ignores what a terminal sends to the whole
 * process group, which is for the master. TERM stays blocked. */
void signals_open_child(void);

/* Readable while a TERM is pending. -1 with errno; the caller owns it. */
int signals_stop_descriptor(void);

/* Takes the pending TERM; false: there was none. */
bool signals_take_stop(int fd);

/* As poll(2), with signals unblocked; -1 and EINTR if one was delivered.
 * ppoll(2) delivers signals only when no descriptor is ready. */
int signals_wait(struct pollfd *slots, nfds_t count, int timeout_ms);

/* Delivers pending signals, for a loop whose descriptors are always ready. */
void signals_let_in(void);

/* How often the signal has come since the last call. */
int signals_take(enum signal_flag flag);

#endif
