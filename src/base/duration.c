/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include <stddef.h>
#include <string.h>

static const double limit_ms = 10.0 * 365 * 24 * 3600 * 1000;

/* A name that begins with a shorter one stands before it. */
static const struct unit {
	const char *name;
	double ms;
} units[] = {
	{ "ns", 1e-6 },
	{ "us", 1e-3 },
	{ "\xc2\xb5s", 1e-3 }, /* micro sign */
	{ "\xce\xbcs", 1e-3 }, /* Greek mu */
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 3600 * 1000 },
};

/* Digits with at most one point, at least one digit; no sign, no exponent. */
static bool
number_read(const char **text, double *number)
{
	double scale = 0;
	bool digits = false;

	*number = 0;
	for (;; (*text)++) {
		if (**text >= '0' && **text <= '9') {
			digits = true;
			*number = *number * 10 + (**text - '0');
			scale *= 10;
		} else if (**text == '.' && scale == 0) {
			scale = 1;
		} else {
			break;
		}
	}
	if (scale > 1)
		*number /= scale;
	return digits;
}

static const struct unit *
unit_read(const char **text)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		size_t length = strlen(units[i].name);
		if (strncmp(*text, units[i].name, length) == 0) {
			*text += length;
			return &units[i];
		}
	}
	return NULL;
}

bool
duration_parse(const char *text, int64_t *duration_ms)
{
	bool negative = *text == '-';
	double number, sum_ms = 0;
	const struct unit *unit;

	if (*text == '-' || *text == '+')
		text++;
	if (strcmp(text, "0") == 0) {
		*duration_ms = 0;
		return true;
	}
	do {
		if (!number_read(&text, &number))
			return false;
		if ((unit = unit_read(&text)) == NULL)
			return false;
		sum_ms += number * unit->ms;
	} while (*text != '\0');
	if (!(sum_ms <= limit_ms))
		return false;
	if (sum_ms > 0 && sum_ms < 1)
		sum_ms = 1;
	*duration_ms = (int64_t)(sum_ms + 0.5) * (negative ? -1 : 1);
	return true;
}
