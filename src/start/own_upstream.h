/* SPDX-License-Identifier: MIT */
/* own_upstream.h - finds an upstream that is this instance itself. For -check
 * alone: a start may come before the addresses of its interfaces. */

#ifndef OWN_UPSTREAM_H
#define OWN_UPSTREAM_H

#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"

/* False with one line in *error. No name is looked up but localhost. */
bool own_upstream_check(const struct config *config, struct text *error);

#endif
