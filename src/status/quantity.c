/* SPDX-License-Identifier: MIT */
#include "status/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct quantity
quantity_count(uint64_t count)
{
	char digits[24];
	struct quantity quantity = { "" };
	size_t length = 0;

	snprintf(digits, sizeof digits, "%" PRIu64, count);
	for (size_t left = strlen(digits), i = 0; left > 0; left--, i++) {
		if (i > 0 && left % 3 == 0)
			quantity.text[length++] = ',';
		quantity.text[length++] = digits[i];
	}
	return quantity;
}

/* Two digits at least: "9.1", "84". */
static struct quantity
with_unit(double value, const char *unit)
{
	struct quantity quantity;

	snprintf(quantity.text, sizeof quantity.text, "%.*f %s",
	    value < 9.95 ? 1 : 0, value, unit);
	return quantity;
}

static struct quantity
scaled(double value, double step, const char *const units[], unsigned count)
{
	struct quantity quantity;
	unsigned unit = 0;

	while (value >= step - 0.5 && unit + 1 < count) {
		value /= step;
		unit++;
	}
	if (unit > 0)
		return with_unit(value, units[unit]);
	snprintf(
	    quantity.text, sizeof quantity.text, "%.0f %s", value, units[0]);
	return quantity;
}

struct quantity
quantity_bytes(uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB",
		"PiB", "EiB" };

	return scaled((double)bytes, 1024, units, 7);
}

struct quantity
quantity_bits(double bytes_a_second)
{
	static const char *const units[] = { "bit/s", "kbit/s", "Mbit/s",
		"Gbit/s", "Tbit/s" };

	return scaled(bytes_a_second * 8, 1000, units, 5);
}

struct quantity
quantity_rate(double a_second)
{
	struct quantity quantity;
	int places = a_second >= 99.95 || a_second == 0 ? 0
	    : a_second >= 0.995				? 1
							: 2;

	snprintf(quantity.text, sizeof quantity.text, "%.*f", places, a_second);
	return quantity;
}

/* What is there is never "0 %", and what is not whole never "100 %". */
struct quantity
quantity_percent(uint64_t part, uint64_t whole)
{
	struct quantity quantity = { "-" };
	double percent = whole > 0 ? (double)part * 100 / (double)whole : 0;

	if (whole == 0)
		return quantity;
	if (part > 0 && percent < 0.1)
		return (struct quantity){ "< 0.1 %" };
	if (part < whole && percent > 99.9)
		return (struct quantity){ "> 99.9 %" };
	snprintf(quantity.text, sizeof quantity.text, "%.*f %%",
	    part > 0 && part < whole && (percent < 9.95 || percent > 99) ? 1
									 : 0,
	    percent);
	return quantity;
}

struct quantity
quantity_ms(int64_t ms)
{
	struct quantity quantity = { "-" };

	if (ms >= 950)
		return with_unit((double)ms / 1000, "s");
	if (ms >= 0)
		snprintf(
		    quantity.text, sizeof quantity.text, "%" PRId64 " ms", ms);
	return quantity;
}

struct quantity
quantity_seconds(int64_t ms)
{
	struct quantity quantity;

	if (ms >= 950)
		return quantity_ms(ms);
	snprintf(quantity.text, sizeof quantity.text, "%.*f s", ms < 10 ? 3 : 2,
	    (double)ms / 1000);
	return quantity;
}

static struct quantity
two_parts(int64_t large, const char *unit, int64_t small, const char *below)
{
	struct quantity quantity;

	if (small > 0)
		snprintf(quantity.text, sizeof quantity.text,
		    "%" PRId64 " %s %" PRId64 " %s", large, unit, small, below);
	else
		snprintf(quantity.text, sizeof quantity.text, "%" PRId64 " %s",
		    large, unit);
	return quantity;
}

struct quantity
quantity_age(int64_t seconds)
{
	enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

	if (seconds >= DAY)
		return two_parts(seconds / DAY, "d", seconds % DAY / HOUR, "h");
	if (seconds >= HOUR)
		return two_parts(
		    seconds / HOUR, "h", seconds % HOUR / MINUTE, "min");
	if (seconds >= MINUTE)
		return two_parts(seconds / MINUTE, "min", 0, "");
	return two_parts(seconds > 0 ? seconds : 0, "s", 0, "");
}

struct quantity
quantity_clock(int64_t time, int64_t now)
{
	enum { HALF_DAY = 12 * 60 * 60 };
	struct quantity quantity = { "never" };
	time_t moment = (time_t)time;
	struct tm parts;

	if (time == 0 || gmtime_r(&moment, &parts) == NULL)
		return quantity;
	strftime(quantity.text, sizeof quantity.text,
	    time <= now && now - time <= HALF_DAY ? "%H:%M:%S"
						  : "%Y-%m-%d %H:%M",
	    &parts);
	return quantity;
}
