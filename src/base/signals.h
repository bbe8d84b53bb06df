/* signals.h - signals become flags, by a handler that does nothing else; they
 * are blocked but for the time of a wait, so that none is lost between looking
 * at a flag and sleeping. A worker, which waits more often than anybody, has
 * TERM as a descriptor instead: signalfd(2). */

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

/* In a child of the master, first of all: what a terminal sends to the whole
 * group is the master's business. TERM stays blocked. */
void signals_open_child(void);

/* Readable while a TERM is pending. -1 with errno; the caller owns it. */
int signals_stop_descriptor(void);

/* Takes what is pending; false if nothing was. */
bool signals_take_stop(int fd);

/* As poll(2), with the signals let in; -1 and EINTR when one came. While there
 * are events the system lets none in. */
int signals_wait(struct pollfd *slots, nfds_t count, int timeout_ms);

/* Lets in what is pending, for who must not be kept from it by events. */
void signals_let_in(void);

/* How many times the signal came since the last call. */
int signals_take(enum signal_flag flag);

#endif
