/* SPDX-License-Identifier: MIT */
/* config_complete.h - derives settings from several options: the set of
 * upstreams and the table of routes. Refuses options that contradict each
 * other. At the start and in
 * the master. */

#ifndef CONFIG_COMPLETE_H
#define CONFIG_COMPLETE_H

#include "config/config.h"

/* All options are set. False with one line in *error. */
bool config_complete(struct config *config, struct text *error);

#endif
