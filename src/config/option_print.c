/* SPDX-License-Identifier: MIT */
#include "config/option_print.h"

#include <inttypes.h>
#include <string.h>

#include "config/option_source.h"
#include "config/option_value.h"
#include "config/options.h"

/* As much as the longest file that the options can take: 256 matches of routes
 * fit several times. */
enum { VALUES_SIZE = 256 * 1024 };

static bool
is_duration(const struct option_row *row)
{
	return row->set == option_set_duration ||
	    row->set == option_set_positive_duration ||
	    row->set == option_set_sniff_timeout;
}

static void
print_seconds(FILE *out, int64_t ms)
{
	if (ms < 0)
		ms = -1000; /* it stands for none, whatever it was */
	fprintf(out, "%" PRId64, ms / 1000);
	if (ms % 1000 != 0)
		fprintf(out, ".%03" PRId64, ms % 1000);
	fprintf(out, "s\n");
}

static void
print_value(
    FILE *out, const struct option_values *values, struct config *config)
{
	const struct option_row *row = values->row;

	if (is_duration(row))
		print_seconds(out, *(int64_t *)option_table_field(row, config));
	else if (row->set == option_set_port)
		fprintf(
		    out, "%u\n", *(uint16_t *)option_table_field(row, config));
	else if (values->lines.length > 0)
		fputs(values->lines.bytes, out);
	else if (row->default_value != NULL)
		fprintf(out, "%s\n", row->default_value);
	else if (row->argument == NULL)
		fprintf(out, "false\n");
}

bool
option_print(FILE *out, const struct config *config, int argc, char *argv[],
    struct text *error)
{
	static struct config again;
	static char bytes[VALUES_SIZE];
	struct option_values values = {
		option_table_find(config->print, strlen(config->print)),
		text_in(bytes, sizeof bytes),
	};

	if (values.row == NULL) {
		option_source_refuse("-print", config->print, error);
		return false;
	}
	if (!options_load_values(&again, argc, argv, "", &values, error))
		return false;
	print_value(out, &values, &again);
	return true;
}
