/* option_value.h - how the text of one option's value becomes a field of
 * struct config. Pure but for the number of CPUs.
 * Each setter gets the field, the text (NULL for a switch that stands alone)
 * and the folder from which relative paths are taken; it returns false, and
 * leaves the field undefined, where the text is not what the table of options
 * says is expected. */

#ifndef OPTION_VALUE_H
#define OPTION_VALUE_H

#include <stdbool.h>

typedef bool option_setter(
    void *field, const char *value, const char *directory);

option_setter option_set_switch; /* bool */
option_setter option_set_on_off; /* bool */
option_setter option_set_port; /* uint16_t */
option_setter option_set_ipv4; /* struct address */
option_setter option_set_upstream; /* struct config_upstream */
option_setter option_set_positive_duration; /* int64_t, as the next two */
option_setter option_set_duration;
option_setter option_set_sniff_timeout;
option_setter option_set_sniff_limit; /* size_t */
option_setter option_set_ports; /* struct port_list */
option_setter option_set_half_close; /* enum half_close */
option_setter option_set_workers; /* unsigned, as the next */
option_setter option_set_connections;
option_setter option_set_user; /* char[CONFIG_USER_SIZE] */
option_setter option_set_path; /* char[PATH_MAX] */
option_setter option_set_log_to; /* struct config_log */
option_setter option_set_log_level; /* enum log_level */

#endif
