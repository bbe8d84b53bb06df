/* SPDX-License-Identifier: MIT */
/* fetch.h - asks a running instance at -status-address. -top. */

#ifndef TOP_FETCH_H
#define TOP_FETCH_H

#include <stdbool.h>

#include "base/span.h"
#include "base/text.h"
#include "config/status_address.h"

/* The body of a good answer, in *body. False with the cause in *error, where
 * nobody answers within a few seconds or the answer is not good; false with
 * nothing in *error where a signal came. What is at *memory is freed first, and
 * then has the body; the caller frees it in the end. */
bool fetch(const struct status_address *address, const char *path,
    char **memory, struct span *body, struct text *error);

#endif
