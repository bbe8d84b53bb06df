/* SPDX-License-Identifier: MIT */
#include "config/options.h"

#include <string.h>

#include "config/config_complete.h"
#include "config/config_file.h"

static void
set_defaults(struct config *config)
{
	const struct option_row *row;
	struct option_input input = { .directory = "" };

	memset(config, 0, sizeof *config);
	for (row = option_table; row->name != NULL; row++) {
		input.value = row->default_value;
		if (input.value != NULL)
			row->set(option_table_field(row, config), &input);
	}
}

/* `-name value`, `-name=value`, the same with two dashes. Returns how many
 * arguments it took, 0 with the reason in *error. */
static int
argument_apply(struct option_source *source, char *argv[],
    struct config *config, struct text *error)
{
	const char *name = argv[0] + 1 + (argv[0][1] == '-');
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	const struct option_row *row = option_table_find(name, length);
	int taken = 1;

	if (row == NULL) {
		option_source_refuse("unknown option", argv[0], error);
		return 0;
	}
	if (value == NULL && row->argument != NULL && argv[1] != NULL) {
		value = argv[1];
		taken = 2;
	}
	return option_source_set(source, row, value, config, error) ? taken : 0;
}

/* "--" ends the options, as it does elsewhere. */
static bool
arguments_apply(struct config *config, char *argv[], const char *directory,
    struct option_values *values, struct text *error)
{
	struct option_source source = { .directory = directory,
		.values = values };
	bool follows_switch = false;

	while (*argv != NULL) {
		int taken;

		if (strcmp(*argv, "--") == 0 && argv[1] == NULL)
			return true;
		if (strcmp(*argv, "--") == 0)
			return option_source_refuse(
			    "unexpected argument", argv[1], error);
		if (argv[0][0] != '-' || argv[0][1] == '\0') {
			option_source_refuse(
			    "unexpected argument", *argv, error);
			if (follows_switch)
				text_append(error,
				    "; a switch is turned off by =false");
			return false;
		}
		taken = argument_apply(&source, argv, config, error);
		if (taken == 0)
			return false;
		follows_switch = taken == 1 && strchr(*argv, '=') == NULL;
		argv += taken;
	}
	return true;
}

static bool
names_upstream(
    const struct credential *credential, const struct upstream_set *upstreams)
{
	for (unsigned i = 0; i < upstreams->count; i++) {
		if (credential_names(credential, &upstreams->list[i]))
			return true;
	}
	return false;
}

/* Each host of -upstream-credentials must be an upstream's. */
static bool
credentials_check(const struct config *config, struct text *error)
{
	const struct credentials *credentials = &config->upstream_credentials;

	for (unsigned i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];

		if (credential->host[0] == '\0' ||
		    names_upstream(credential, &config->upstreams))
			continue;
		text_append(error, "-upstream-credentials \"");
		text_append(error, credential->host);
		if (credential->port != 0)
			text_format(error, ":%u", credential->port);
		text_append(error, "\": expected an upstream");
		return false;
	}
	return true;
}

/* The command line is read twice: first for its mistakes and the file's name,
 * then to win over the file. */
bool
options_load_values(struct config *config, int argc, char *argv[],
    const char *directory, struct option_values *values, struct text *error)
{
	struct option_source file = {
		.is_file = true, .directory = directory, .values = values
	};
	char path[PATH_MAX];

	if (argc > 0)
		argv++;
	set_defaults(config);
	if (!arguments_apply(config, argv, directory, NULL, error))
		return false;
	memcpy(path, config->config_file, sizeof path);
	set_defaults(config);
	if (path[0] != '\0' && !config_file_read(config, path, &file, error))
		return false;
	return arguments_apply(config, argv, directory, values, error) &&
	    config_complete(config, error) && credentials_check(config, error);
}

bool
options_load(struct config *config, int argc, char *argv[],
    const char *directory, struct text *error)
{
	return options_load_values(config, argc, argv, directory, NULL, error);
}

void
options_compare(const struct config *before, const struct config *after,
    void (*changed)(enum option_scope scope, const char *name, void *context),
    void *context)
{
	const struct option_row *row;

	for (row = option_table; row->name != NULL; row++) {
		if (memcmp((const char *)before + row->offset,
			(const char *)after + row->offset, row->size) != 0)
			changed(row->scope, row->name, context);
	}
}

void
options_copy_scope(
    struct config *config, const struct config *from, enum option_scope scope)
{
	const struct option_row *row;

	for (row = option_table; row->name != NULL; row++) {
		if (row->scope == scope)
			memcpy(option_table_field(row, config),
			    (const char *)from + row->offset, row->size);
	}
}
