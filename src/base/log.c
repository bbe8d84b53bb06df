/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void terminal_destination(enum log_level level, const char *words);

/* The one global of a process: where its log goes. */
static log_destination *current_destination = terminal_destination;
static enum log_level current_max = LOG_LEVEL_NOTICE;

void
log_to_terminal(const char *words)
{
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	text_printable(&line, span_of(words, strlen(words)));
	fprintf(stderr, "handyproxy: %s\n", bytes);
}

static void
terminal_destination(enum log_level level, const char *words)
{
	(void)level;
	log_to_terminal(words);
}

void
log_open(log_destination *destination, enum log_level max)
{
	current_destination = destination;
	current_max = max;
}

bool
log_is_wanted(enum log_level level)
{
	return level <= current_max;
}

const char *
log_level_name(enum log_level level)
{
	static const char *const names[LOG_LEVELS] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};

	return names[level];
}

static void log_list(enum log_level level, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

static void
log_list(enum log_level level, const char *format, va_list list)
{
	int saved_errno = errno;
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	if (log_is_wanted(level)) {
		text_format_list(&line, format, list);
		current_destination(level, words);
	}
	errno = saved_errno;
}

void
log_error(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_list(LOG_LEVEL_ERROR, format, list);
	va_end(list);
}

void
log_warning(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_list(LOG_LEVEL_WARNING, format, list);
	va_end(list);
}

void
log_notice(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_list(LOG_LEVEL_NOTICE, format, list);
	va_end(list);
}

void
log_info(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_list(LOG_LEVEL_INFO, format, list);
	va_end(list);
}

void
log_debug(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_list(LOG_LEVEL_DEBUG, format, list);
	va_end(list);
}
