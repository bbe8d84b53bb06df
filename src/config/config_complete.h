/* config_complete.h - what follows from the options together: the upstreams
 * that differ, the table of routes, and what cannot work. At the start and in
 * the master. */

#ifndef CONFIG_COMPLETE_H
#define CONFIG_COMPLETE_H

#include "config/config.h"

/* All options are set. False with one line in *error. */
bool config_complete(struct config *config, struct text *error);

#endif
