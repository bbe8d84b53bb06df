/* duration.h - durations as Go's time.ParseDuration reads them.
 * Any process. Pure. */

#ifndef DURATION_H
#define DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* "25s", "1m30s", "500ms", "1.5h", "-1s", "0" in milliseconds. What is not 0
 * but shorter than one counts as one. False if text is no duration, or one of
 * more than ten years. */
bool duration_parse(const char *text, int64_t *duration_ms);

#endif
