/* SPDX-License-Identifier: MIT */
/* output.h - a text that grows in memory: what the status process answers with.
 * An error is remembered, and nothing is appended from then on, so that a
 * writer looks at it once, at the end. Status process and -top. */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct output {
	char *bytes; /* owned; not terminated */
	size_t length, capacity, max;
	bool failed; /* no memory, or longer than max */
};

/* Empty. To be cleared. */
struct output output_of(size_t max);
void output_clear(struct output *output); /* frees; it can be used again */
struct span output_span(const struct output *output);

void output_append(struct output *output, const char *string);
void output_bytes(struct output *output, struct span bytes);
void output_format(struct output *output, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void output_format_list(struct output *output, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

/* Text of strangers. Bytes that are not printable ASCII become \xNN, and then
 * what means something in the format is escaped; JSON as base/json.h has it. */
void output_plain(struct output *output, const char *text);
void output_html(struct output *output, const char *text); /* also attributes */
void output_json(struct output *output, const char *text); /* with its quotes */
void output_label(struct output *output, const char *text); /* Prometheus's */

#endif
