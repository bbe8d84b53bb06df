/* SPDX-License-Identifier: MIT */
/* option_value.h - setters: how the text of one option's value becomes a field
 * of struct config. Pure but for the number of CPUs.
 * A kind of value that needs many lines has a file of its own, as
 * option_upstream.h. */

#ifndef OPTION_VALUE_H
#define OPTION_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct option_input {
	const char *value; /* NULL: a switch that stands alone */
	const char *directory; /* relative paths start here; "": they stay */
	unsigned line; /* of the configuration file; 0: not from there */
	struct text *expected; /* empty: what the option's row says */
};

/* False if the value is wrong; the field is then undefined. The error names
 * what is expected: the setter's own words, else those of the option's row.
 * The bytes of the field that are not in use are 0, for memcmp(3). */
typedef bool option_setter(void *field, const struct option_input *input);

option_setter option_set_switch; /* bool */
option_setter option_set_on_off; /* bool */
option_setter option_set_port; /* uint16_t */
option_setter option_set_address; /* struct address */
option_setter option_set_positive_duration; /* int64_t, as the next two */
option_setter option_set_duration;
option_setter option_set_sniff_timeout;
option_setter option_set_sniff_limit; /* size_t */
option_setter option_set_ports; /* struct port_list */
option_setter option_set_half_close; /* enum half_close */
option_setter option_set_workers; /* unsigned, as the next two */
option_setter option_set_connections;
option_setter option_set_ready_connections;
option_setter option_set_per_client; /* int64_t */
option_setter option_set_user; /* name of a struct config_user */
option_setter option_set_option; /* char[CONFIG_OPTION_SIZE] */
option_setter option_set_path; /* char[PATH_MAX] */
option_setter option_set_status_address; /* struct status_address */
option_setter option_set_log_to; /* struct config_log */
option_setter option_set_log_format; /* enum log_format */
option_setter option_set_log_level; /* enum log_level */

/* Copies the bytes and fills the rest of the field with bytes 0. False if
 * there are none, or too many for a terminated field. */
bool option_value_copy(
    char *field, size_t size, const char *value, size_t length);

#endif
