/* SPDX-License-Identifier: MIT */
#include "event/timer.h"

#include <limits.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "event/deadlines.h"

int
timer_open(struct timer *timer, uint8_t kind)
{
	timer->at_ms = DEADLINE_NEVER;
	timer->watch = (struct watch){
		.fd =
		    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
		.kind = kind,
	};
	return timer->watch.fd == -1 ? -1 : 0;
}

void
timer_close(struct timer *timer)
{
	watch_close(&timer->watch);
}

int
timer_timeout_ms(struct timer *timer, int64_t due_ms, int64_t now_ms)
{
	struct itimerspec left = { 0 };
	int left_ms;

	if (due_ms >= timer->at_ms)
		return -1;
	if (due_ms <= now_ms)
		return 0;
	left_ms = due_ms - now_ms < INT_MAX ? (int)(due_ms - now_ms) : INT_MAX;
	left.it_value.tv_sec = left_ms / 1000;
	left.it_value.tv_nsec = left_ms % 1000 * 1000000L;
	if (timerfd_settime(timer->watch.fd, 0, &left, NULL) == -1)
		return left_ms;
	timer->at_ms = now_ms + left_ms;
	return -1;
}

void
timer_expired(struct timer *timer)
{
	uint64_t times;

	if (read(timer->watch.fd, &times, sizeof times) == sizeof times)
		timer->at_ms = DEADLINE_NEVER;
}
