/* SPDX-License-Identifier: MIT */
/* json_value.h - finds values in a text of JSON. The text may be anybody's:
 * what is no JSON has no values, and nothing is read beyond it. -top. Pure. RFC
 * 8259 */

#ifndef TOP_JSON_VALUE_H
#define TOP_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* The value of a member of the object; empty where there is none, also where
 * `object` is no object, so that a path of names needs no checks between. */
struct span json_value_member(struct span object, const char *name);

/* The part of an array, or of an object's members, that json_value_next() takes
 * its items from. */
struct span json_value_items(struct span value);

/* False: there are no more. */
bool json_value_next(struct span *items, struct span *item);

/* The characters of a string, and a byte 0; what does not fit is cut. All that
 * is no printable ASCII becomes a question mark, so that a terminal can show
 * it. "" where the value is no string. Returns text. */
const char *json_value_text(struct span value, char *text, size_t size);

bool json_value_is_number(struct span value);

/* 0 where the value is no number. */
double json_value_number(struct span value);

bool json_value_is_true(struct span value);

#endif
