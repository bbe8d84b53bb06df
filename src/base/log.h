/* SPDX-License-Identifier: MIT */
/* log.h - writes log lines. Any process. log_open() decides once where lines
 * go: to the master's sink or to a child's pipe. Before that they go to the
 * terminal.
 * No function blocks or fails; the destination counts lines that it cannot
 * write. errno stays as it was. */

#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};
enum { LOG_LEVELS = LOG_LEVEL_DEBUG + 1 };

/* The words of a line and a byte 0. With time and process, a line stays below
 * 2,000 bytes. */
enum { LOG_WORDS_SIZE = 1900 };

/* Called with each line of a wanted level: terminated, without a line end. */
typedef void log_destination(enum log_level level, const char *words);

/* From now on, lines of levels up to `max` go to the destination. */
void log_open(log_destination *destination, enum log_level max);

/* Writes a line to standard error, wherever the log goes: the reason why a
 * start failed. */
void log_to_terminal(const char *words);

bool log_is_wanted(enum log_level level);
const char *log_level_name(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
