/* SPDX-License-Identifier: MIT */
/* log_line.h - what a line of the log looks like. The master and the writer of
 * the log file. */

#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "config/config_types.h"

enum { LOG_LINE_SIZE = 1999 }; /* with the byte behind its end */

/* Level, process and words, with the time in front if that is wanted. Bytes
 * that are not printable ASCII are escaped. JSON always has the time:
 * log_json.h. Terminated, without a line end, for which there is room. Returns
 * its length. */
size_t log_line_format(char line[LOG_LINE_SIZE], enum log_format format,
    enum log_level level, const char *process, const char *words,
    bool with_time);

#endif
