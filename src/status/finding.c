/* SPDX-License-Identifier: MIT */
#include "status/finding.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "status/quantity.h"

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = { "ok", "warning", "bad" };

	return names[severity];
}

struct finding *
verdict_add(struct verdict *verdict, enum severity severity)
{
	struct finding *finding = &verdict->findings[verdict->count];

	assert(verdict->count < FINDINGS_MAX);
	verdict->count++;
	*finding = (struct finding){ .severity = severity };
	return finding;
}

void
finding_say(char text[FINDING_SIZE], const char *format, ...)
{
	size_t length = strlen(text);
	struct text end = text_in(text + length, FINDING_SIZE - length);
	va_list list;

	va_start(list, format);
	text_format_list(&end, format, list);
	va_end(list);
}

void
finding_say_time(
    char text[FINDING_SIZE], const struct snapshot *snapshot, int64_t time)
{
	finding_say(text, "%s UTC (%s)",
	    quantity_clock(time, snapshot->now).text,
	    quantity_age(snapshot->now - time).text);
}
