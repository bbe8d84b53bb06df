/* config_file.h - reads the lines `name value` of the file that -config names.
 * At the start and in the master. */

#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"

/* Applies each line to *config. False with the file, the line's number and
 * the reason in *error; *config is then half made and of no use. */
bool config_file_read(struct config *config, const char *path,
    const char *directory, struct text *error);

#endif
