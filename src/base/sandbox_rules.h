/* sandbox_rules.h - which system calls a profile may make: one table for all
 * profiles. handyproxy(8) lists them for the administrator. */

#ifndef SANDBOX_RULES_H
#define SANDBOX_RULES_H

#include <stdbool.h>

#include "base/sandbox_profile.h"
#include "base/seccomp_filter.h"

/* Fills and installs the filter. False: this architecture or kernel has no
 * filters, and nothing has changed. */
bool sandbox_rules_install(
    struct seccomp_filter *filter, enum sandbox_profile profile);

#endif
