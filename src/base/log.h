/* log.h - the log verbs. Any process says what happened here; where the line
 * goes is decided once per process by log_open(): the master's sink, a
 * worker's pipe, or, before either is there, the terminal.
 * Nothing here blocks or fails: a line that cannot be written is the
 * destination's to count. errno is left as it was. */

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

/* The longest line without time and process: in all it has less than 2,000
 * bytes. */
enum { LOG_WORDS_SIZE = 1900 };

/* Gets each line that is wanted: terminated words without a line end. */
typedef void log_destination(enum log_level level, const char *words);

/* From now on lines up to `most` go to the destination. */
void log_open(log_destination *destination, enum log_level max);

/* One line on standard error, wherever the log goes: for what ends a start. */
void log_to_terminal(const char *words);

bool log_is_wanted(enum log_level level);
const char *log_level_name(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
