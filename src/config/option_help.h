/* SPDX-License-Identifier: MIT */
/* option_help.h - the text of -help, from the table of options. At the
 * start. */

#ifndef OPTION_HELP_H
#define OPTION_HELP_H

#include <stdio.h>

void option_help_print(FILE *out);

#endif
