/* option_print.h - answers -print: the value that one option has. At the start.
 */

#ifndef OPTION_PRINT_H
#define OPTION_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "config/config.h"

/* Prints what the arguments, from which *config was loaded, and their file give
 * the option that config->print names: durations in seconds, ports without
 * zeros in front, all else as it was written; an option that repeats a line for
 * each use. False with the reason in *error. */
bool option_print(FILE *out, const struct config *config, int argc,
    char *argv[], struct text *error);

#endif
