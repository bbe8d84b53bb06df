/* SPDX-License-Identifier: MIT */
/* sandbox_rules.h - makes a filter of system calls of the table. Any child. */

#ifndef SANDBOX_RULES_H
#define SANDBOX_RULES_H

#include <stdbool.h>

#include "base/sandbox_profile.h"

/* Builds and installs the filter. False: this architecture or kernel has no
 * filters, and nothing has changed. */
bool sandbox_rules_install(const struct sandbox *sandbox);

#endif
