/* SPDX-License-Identifier: MIT */
/* number.h - whole numbers in options. Any process. Pure. */

#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits only; the number must be from `least` to `max`. */
bool number_parse(
    const char *text, uint64_t least, uint64_t max, uint64_t *number);

#endif
