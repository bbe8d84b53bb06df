/* seat.h - a worker's number, or the resolver's place, between two processes:
 * how long the next one waits. Pure. Master only. */

#ifndef SEAT_H
#define SEAT_H

#include <stdint.h>

enum { SEAT_EARLY_MS = 10 * 1000, SEAT_WAIT_MOST_MS = 30 * 1000 };

/* All bytes 0: the first may come at once. */
struct seat {
	unsigned early_deaths; /* in a row */
	int64_t free_at_ms;
};

/* Its process died after that time. The next may come at once; but from the
 * second death in a row within SEAT_EARLY_MS on it waits 1 s, 2 s, 4 s, ... */
void seat_vacate(struct seat *seat, int64_t uptime_ms, int64_t now_ms);

/* The next could not even be forked: it waits 1 s at least. */
void seat_fail(struct seat *seat, int64_t now_ms);

#endif
