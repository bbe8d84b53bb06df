#include "worker/alarm.h"

#include <limits.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "worker/deadlines.h"

int
alarm_open(struct alarm *alarm)
{
	alarm->at_ms = DEADLINE_NEVER;
	alarm->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return alarm->fd == -1 ? -1 : 0;
}

void
alarm_close(struct alarm *alarm)
{
	descriptor_close(&alarm->fd);
}

int
alarm_timeout_ms(struct alarm *alarm, int64_t due_ms, int64_t now_ms)
{
	struct itimerspec left = { 0 };
	int left_ms;

	if (due_ms >= alarm->at_ms)
		return -1;
	if (due_ms <= now_ms)
		return 0;
	left_ms = due_ms - now_ms < INT_MAX ? (int)(due_ms - now_ms) : INT_MAX;
	left.it_value.tv_sec = left_ms / 1000;
	left.it_value.tv_nsec = left_ms % 1000 * 1000000L;
	if (timerfd_settime(alarm->fd, 0, &left, NULL) == -1)
		return left_ms;
	alarm->at_ms = now_ms + left_ms;
	return -1;
}

void
alarm_rang(struct alarm *alarm)
{
	uint64_t times;

	if (read(alarm->fd, &times, sizeof times) == sizeof times)
		alarm->at_ms = DEADLINE_NEVER;
}
