/* number.h - whole numbers in options. Any process. Pure. */

#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits and nothing else, from `least` to `most`. */
bool number_parse(
    const char *text, uint64_t least, uint64_t max, uint64_t *number);

#endif
