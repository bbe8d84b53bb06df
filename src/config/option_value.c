/* SPDX-License-Identifier: MIT */
#include "config/option_value.h"

#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "config/config.h"
#include "config/number.h"

enum {
	SNIFF_DEFAULT_MS = 1000,
	SNIFF_DEFAULT_BYTES = 8192,
	SNIFF_MAX_BYTES = 1024 * 1024,
};

bool
option_value_copy(char *field, size_t size, const char *value, size_t length)
{
	if (length == 0 || length >= size)
		return false;
	memset(field, 0, size);
	memcpy(field, value, length);
	return true;
}

bool
option_set_switch(void *field, const struct option_input *input)
{
	bool *on = field;

	*on = input->value == NULL || strcmp(input->value, "true") == 0;
	return *on || strcmp(input->value, "false") == 0;
}

bool
option_set_on_off(void *field, const struct option_input *input)
{
	bool *on = field;

	*on = strcmp(input->value, "on") == 0;
	return *on || strcmp(input->value, "off") == 0;
}

bool
option_set_port(void *field, const struct option_input *input)
{
	uint64_t number;

	if (!number_parse(input->value, 1, UINT16_MAX, &number))
		return false;
	*(uint16_t *)field = (uint16_t)number;
	return true;
}

/* A link-local one would need an interface. */
bool
option_set_address(void *field, const struct option_input *input)
{
	struct address *address = field;

	if (!address_parse(address, input->value, 0) ||
	    (address->any.sa_family == AF_INET6 &&
		IN6_IS_ADDR_LINKLOCAL(&address->v6.sin6_addr)))
		return false;
	address_unmap(address);
	return true;
}

bool
option_set_duration(void *field, const struct option_input *input)
{
	int64_t *duration_ms = field;

	return duration_parse(input->value, duration_ms) && *duration_ms >= 0;
}

bool
option_set_positive_duration(void *field, const struct option_input *input)
{
	int64_t *duration_ms = field;

	return duration_parse(input->value, duration_ms) && *duration_ms > 0;
}

bool
option_set_sniff_timeout(void *field, const struct option_input *input)
{
	int64_t *duration_ms = field;

	if (!duration_parse(input->value, duration_ms))
		return false;
	if (*duration_ms == 0)
		*duration_ms = SNIFF_DEFAULT_MS;
	if (*duration_ms < 0)
		*duration_ms = -1;
	return true;
}

bool
option_set_sniff_limit(void *field, const struct option_input *input)
{
	bool negative = input->value[0] == '-';
	uint64_t number;

	if (!number_parse(input->value + negative, 0,
		negative ? UINT32_MAX : SNIFF_MAX_BYTES, &number))
		return false;
	if (negative || number == 0)
		number = SNIFF_DEFAULT_BYTES;
	*(size_t *)field = (size_t)number;
	return true;
}

bool
option_set_ports(void *field, const struct option_input *input)
{
	return port_list_parse(field, input->value);
}

bool
option_set_half_close(void *field, const struct option_input *input)
{
	enum half_close *half_close = field;

	*half_close = strcmp(input->value, "hold") == 0 ? HALF_CLOSE_HOLD
							: HALF_CLOSE_FORWARD;
	return *half_close == HALF_CLOSE_HOLD ||
	    strcmp(input->value, "forward") == 0;
}

/* "auto" is the default: one per CPU, at least 2. */
bool
option_set_workers(void *field, const struct option_input *input)
{
	unsigned *workers = field;
	uint64_t number;
	long cpus;

	if (strcmp(input->value, "auto") == 0) {
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
		number = cpus < 2 ? 2 : (uint64_t)cpus;
		if (number > CONFIG_WORKERS_MAX)
			number = CONFIG_WORKERS_MAX;
	} else if (!number_parse(
		       input->value, 1, CONFIG_WORKERS_MAX, &number)) {
		return false;
	}
	*workers = (unsigned)number;
	return true;
}

bool
option_set_connections(void *field, const struct option_input *input)
{
	uint64_t number;

	if (!number_parse(input->value, 1, CONFIG_CONNECTIONS_MAX, &number))
		return false;
	*(unsigned *)field = (unsigned)number;
	return true;
}

bool
option_set_ready_connections(void *field, const struct option_input *input)
{
	uint64_t number;

	if (!number_parse(input->value, 0, CONFIG_READY_MAX, &number))
		return false;
	*(unsigned *)field = (unsigned)number;
	return true;
}

/* "auto" is how the table says its default. */
bool
option_set_per_client(void *field, const struct option_input *input)
{
	uint64_t number;

	*(int64_t *)field = CONFIG_PER_CLIENT_AUTO;
	if (strcmp(input->value, "auto") == 0)
		return true;
	if (!number_parse(input->value, 0, CONFIG_CONNECTIONS_MAX, &number))
		return false;
	*(int64_t *)field = (int64_t)number;
	return true;
}

/* The name is the first member. */
bool
option_set_user(void *field, const struct option_input *input)
{
	struct config_user *user = field;

	user->line = input->line;
	return option_value_copy(
	    user->name, sizeof user->name, input->value, strlen(input->value));
}

bool
option_set_option(void *field, const struct option_input *input)
{
	return option_value_copy(
	    field, CONFIG_OPTION_SIZE, input->value, strlen(input->value));
}

bool
option_set_path(void *field, const struct option_input *input)
{
	char path[PATH_MAX];
	struct text joined = text_in(path, sizeof path);

	if (input->value[0] != '/' && input->directory[0] != '\0')
		text_format(&joined, "%s/%s", input->directory, input->value);
	else
		text_append(&joined, input->value);
	if (input->value[0] == '\0' || joined.length + 1 >= sizeof path)
		return false;
	return option_value_copy(field, PATH_MAX, path, joined.length);
}

bool
option_set_status_address(void *field, const struct option_input *input)
{
	struct status_address *address = field;
	char path[PATH_MAX];

	memset(address, 0, sizeof *address);
	if (status_address_parse_ip(&address->ip, input->value))
		return true;
	memset(address, 0, sizeof *address);
	return status_address_looks_like_path(input->value) &&
	    option_set_path(path, input) &&
	    option_value_copy(
		address->path, sizeof address->path, path, strlen(path));
}

bool
option_set_log_to(void *field, const struct option_input *input)
{
	struct config_log *log = field;
	char path[PATH_MAX];

	memset(log, 0, sizeof *log);
	log->to = LOG_TO_FILE;
	if (strcmp(input->value, "stderr") == 0)
		log->to = LOG_TO_STDERR;
	else if (strcmp(input->value, "syslog") == 0)
		log->to = LOG_TO_SYSLOG;
	else
		return option_set_path(path, input) &&
		    option_value_copy(
			log->path, sizeof log->path, path, strlen(path));
	return true;
}

bool
option_set_log_format(void *field, const struct option_input *input)
{
	bool is_json = strcmp(input->value, "json") == 0;

	*(enum log_format *)field = is_json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
	return is_json || strcmp(input->value, "text") == 0;
}

bool
option_set_log_level(void *field, const struct option_input *input)
{
	for (unsigned level = 0; level < LOG_LEVELS; level++) {
		if (strcmp(input->value,
			log_level_name((enum log_level)level)) != 0)
			continue;
		*(enum log_level *)field = (enum log_level)level;
		return true;
	}
	return false;
}
