/* SPDX-License-Identifier: MIT */
/* descriptor_limit.h - the number of descriptors that this process, and those
 * that it forks, may have open. At the start. */

#ifndef DESCRIPTOR_LIMIT_H
#define DESCRIPTOR_LIMIT_H

#include "config/config.h"

/* Raises RLIMIT_NOFILE to its hard limit, beyond it where -max-connections
 * needs it and we may. Never fails: what cannot be raised stays. */
void descriptor_limit_raise(const struct config *config);

#endif
