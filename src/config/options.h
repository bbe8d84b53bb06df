/* options.h - one table of options, and what is made from it: the command
 * line, the configuration file's lines, the defaults, the help text, and what
 * a reload has changed. At the start and in the master. */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "config/config.h"

/* Who has to act when the value of an option is another after a reload. */
enum option_scope {
	OPTION_OF_START, /* nobody can: it takes a restart */
	OPTION_OF_MASTER, /* the master takes it as it is */
	OPTION_OF_WORKERS, /* the workers are replaced */
	OPTION_OF_CALLER, /* it says what to do, not how */
};

/* Defaults, then the file that -config names, then the command line. Paths
 * are taken from `directory` where they are relative ("": left so).
 * False with one line in *error that names option, value and what is
 * expected. Uses getopt_long_only(3), so it must not run in two threads. */
bool options_load(struct config *config, int argc, char *argv[],
    const char *directory, struct text *error);

/* Sets one option from a line of the configuration file; false with the
 * reason in *error. */
bool options_set(struct config *config, const char *name, const char *value,
    const char *directory, struct text *error);

/* Calls `changed` with the name of each option that differs. */
void options_compare(const struct config *before, const struct config *after,
    void (*changed)(enum option_scope scope, const char *name, void *context),
    void *context);

/* Copies the options of one scope. */
void options_copy_scope(
    struct config *config, const struct config *from, enum option_scope scope);

void options_print_help(FILE *out);

#endif
