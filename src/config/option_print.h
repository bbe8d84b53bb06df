/* SPDX-License-Identifier: MIT */
/* option_print.h - answers -print: the value that one option has. At the start.
 */

#ifndef OPTION_PRINT_H
#define OPTION_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "config/config.h"

/* Prints the value of the option that config->print names, from the arguments
 * and their file. A duration is printed in seconds, a port without leading
 * zeros, any other value as it was written. A repeated option has a line for
 * each use. False with the reason in *error. */
bool option_print(FILE *out, const struct config *config, int argc,
    char *argv[], struct text *error);

#endif
