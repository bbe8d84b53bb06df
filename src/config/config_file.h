/* SPDX-License-Identifier: MIT */
/* config_file.h - reads the file that -config names: lines of `name value`.
 * At the start and in the master. */

#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"
#include "config/option_source.h"

/* Applies each line to *config by *source, which has set nothing yet. False
 * with file, line number and reason in *error; *config is then incomplete and
 * must not be used. */
bool config_file_read(struct config *config, const char *path,
    struct option_source *source, struct text *error);

#endif
