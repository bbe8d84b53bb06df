/* SPDX-License-Identifier: MIT */
/* duration.h - durations as Go's time.ParseDuration reads them.
 * Any process. Pure. */

#ifndef DURATION_H
#define DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* "25s", "1m30s", "500ms", "1.5h", "-1s", "0" in milliseconds. Less
 * than a millisecond, but not 0, becomes 1. False if the text is no duration,
 * or longer than ten years. */
bool duration_parse(const char *text, int64_t *duration_ms);

#endif
