/* SPDX-License-Identifier: MIT */
#include "master/log_line.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "master/log_json.h"

size_t
log_line_format(char line[LOG_LINE_SIZE], enum log_format format,
    enum log_level level, const char *process, const char *words,
    bool with_time)
{
	struct text text = text_in(line, LOG_LINE_SIZE - 1);
	char time[CLOCK_TEXT_SIZE];

	clock_utc_text(time);
	if (format == LOG_FORMAT_JSON)
		return log_json_format(line, LOG_LINE_SIZE - 1,
		    &(struct log_json){ time, level, process }, words);
	if (with_time)
		text_format(&text, "%s ", time);
	text_format(&text, "%s %s: ", log_level_name(level), process);
	text_printable(&text, span_of(words, strlen(words)));
	return text.length;
}
