/* timer.h - the timer that ends a worker's wait when something is due. It is a
 * descriptor in the socket set, timerfd_create(2), and is set only for what is
 * due earlier than it will ring anyway: a bound on poll(2) itself would have
 * the system set a timer and take it back at each wait. */

#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

struct timer {
	int fd; /* owned */
	int64_t at_ms; /* rings then; DEADLINE_NEVER if it does not */
};

/* As the system's calls: 0, or -1 with errno. */
int timer_open(struct timer *timer);
void timer_close(struct timer *timer);

/* What poll(2) shall be told so that the wait is over at due_ms at the latest:
 * -1 where the alarm sees to that. It may ring earlier. */
int timer_timeout_ms(struct timer *timer, int64_t due_ms, int64_t now_ms);

/* The descriptor is readable: it rang. */
void timer_expired(struct timer *timer);

#endif
