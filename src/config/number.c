/* SPDX-License-Identifier: MIT */
#include "config/number.h"

bool
number_parse(const char *text, uint64_t least, uint64_t max, uint64_t *number)
{
	uint64_t sum = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		sum = sum * 10 + (uint64_t)(*text - '0');
		if (sum > max)
			return false;
	}
	*number = sum;
	return sum >= least;
}
