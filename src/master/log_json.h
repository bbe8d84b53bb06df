/* SPDX-License-Identifier: MIT */
/* log_json.h - makes a line of the log one JSON object. Pure. The master and
 * the writer of the log file. */

#ifndef LOG_JSON_H
#define LOG_JSON_H

#include <stddef.h>

#include "base/log.h"

/* What an object has beside the pairs at the end of its words. */
struct log_json {
	const char *time;
	enum log_level level;
	const char *process;
};

enum { LOG_JSON_SIZE_MIN = 512 };

/* time, level, process and message, and then the pairs that end the words, as
 * text_pair() and text_quote() write them: their values without the escapes.
 * A value that would make the line too long is cut. The words may be any bytes.
 * Terminated, without a line end. Returns its length, which is below `size`,
 * LOG_JSON_SIZE_MIN or more. */
size_t log_json_format(
    char *line, size_t size, const struct log_json *head, const char *words);

#endif
