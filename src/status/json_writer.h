/* SPDX-License-Identifier: MIT */
/* json_writer.h - writes values of JSON, RFC 8259, one behind the other: commas
 * come by themselves. Status process. Pure but for memory. */

#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "status/output.h"

/* In an object a value has a key; in an array, and outside of all, NULL. Commas
 * come by themselves, but not where the caller has begun a line. */
void json_open_object(struct output *output, const char *key);
void json_close_object(struct output *output);
void json_open_array(struct output *output, const char *key);
void json_close_array(struct output *output);

void json_text(struct output *output, const char *key, const char *text);
void json_number(struct output *output, const char *key, uint64_t value);
/* A fraction: of 250 ms "0.250". */
void json_seconds(struct output *output, const char *key, uint64_t ms);
void json_bool(struct output *output, const char *key, bool value);
void json_null(struct output *output, const char *key);

/* Seconds since 1970, null for never. */
void json_time(struct output *output, const char *key, int64_t time);

#endif
