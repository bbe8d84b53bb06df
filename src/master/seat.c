#include "master/seat.h"

enum { WAIT_FIRST_MS = 1000 };

static int64_t
wait_ms(unsigned early_deaths)
{
	int64_t wait_ms = WAIT_FIRST_MS;

	if (early_deaths < 2)
		return 0;
	while (early_deaths-- > 2 && wait_ms < SEAT_WAIT_MOST_MS)
		wait_ms *= 2;
	return wait_ms < SEAT_WAIT_MOST_MS ? wait_ms : SEAT_WAIT_MOST_MS;
}

void
seat_vacate(struct seat *seat, int64_t uptime_ms, int64_t now_ms)
{
	if (uptime_ms >= SEAT_EARLY_MS)
		seat->early_deaths = 0;
	else
		seat->early_deaths++;
	seat->free_at_ms = now_ms + wait_ms(seat->early_deaths);
}

void
seat_fail(struct seat *seat, int64_t now_ms)
{
	if (seat->early_deaths == 0)
		seat->early_deaths = 1;
	seat_vacate(seat, 0, now_ms);
}
