/* SPDX-License-Identifier: MIT */
/* timer.h - the timer that ends a wait when a deadline comes.
 * It is a timerfd_create(2) descriptor in the socket set, and is set only for a
 * deadline earlier than its own: with a timeout of poll(2) itself the kernel
 * would start and cancel a timer at each wait. */

#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

#include "event/socket_set.h"

struct timer {
	struct watch watch; /* owns its descriptor */
	int64_t at_ms; /* it expires then; DEADLINE_NEVER: it is not set */
};

/* `kind` is its watch's. As system calls: 0, or -1 with errno. */
int timer_open(struct timer *timer, uint8_t kind);
void timer_close(struct timer *timer);

/* The timeout for poll(2) so that the wait ends at due_ms at the latest: -1
 * where the timer sees to that. The timer may expire earlier. */
int timer_timeout_ms(struct timer *timer, int64_t due_ms, int64_t now_ms);

/* The descriptor is readable: the timer has expired. */
void timer_expired(struct timer *timer);

#endif
