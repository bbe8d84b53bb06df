/* alarm.h - the timer that ends a worker's wait when something is due. It is a
 * descriptor in the socket set, timerfd_create(2), and is set only for what is
 * due earlier than it will ring anyway: a bound on poll(2) itself would have
 * the system set a timer and take it back at each wait. */

#ifndef ALARM_H
#define ALARM_H

#include <stdint.h>

struct alarm {
	int fd; /* owned */
	int64_t at_ms; /* rings then; DEADLINE_NEVER if it does not */
};

/* As the system's calls: 0, or -1 with errno. */
int alarm_open(struct alarm *alarm);
void alarm_close(struct alarm *alarm);

/* What poll(2) shall be told so that the wait is over at due_ms at the latest:
 * -1 where the alarm sees to that. It may ring earlier. */
int alarm_timeout_ms(struct alarm *alarm, int64_t due_ms, int64_t now_ms);

/* The descriptor is readable: it rang. */
void alarm_rang(struct alarm *alarm);

#endif
