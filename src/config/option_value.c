#include "config/option_value.h"

#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/text.h"
#include "config/config.h"
#include "config/number.h"

enum {
	UPSTREAM_DEFAULT_PORT = 3128,
	SNIFF_DEFAULT_MS = 1000,
	SNIFF_DEFAULT_BYTES = 8192,
	SNIFF_MAX_BYTES = 1024 * 1024,
};

/* Copies with the rest of the field all bytes 0. */
static bool
copy_filled(char *field, size_t size, const char *value, size_t length)
{
	if (length == 0 || length >= size)
		return false;
	memset(field, 0, size);
	memcpy(field, value, length);
	return true;
}

bool
option_set_switch(void *field, const char *value, const char *directory)
{
	bool *on = field;

	(void)directory;
	*on = value == NULL || strcmp(value, "true") == 0;
	return *on || strcmp(value, "false") == 0;
}

bool
option_set_on_off(void *field, const char *value, const char *directory)
{
	bool *on = field;

	(void)directory;
	*on = strcmp(value, "on") == 0;
	return *on || strcmp(value, "off") == 0;
}

bool
option_set_port(void *field, const char *value, const char *directory)
{
	uint64_t number;

	(void)directory;
	if (!number_parse(value, 1, UINT16_MAX, &number))
		return false;
	*(uint16_t *)field = (uint16_t)number;
	return true;
}

bool
option_set_ipv4(void *field, const char *value, const char *directory)
{
	struct address *address = field;

	(void)directory;
	return address_parse(address, value, 0) &&
	    address->any.sa_family == AF_INET;
}

static bool
is_host(const char *text, size_t length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

	return length > 0 && text[0] != '-' && strspn(text, allowed) >= length;
}

/* Without its brackets, which only IPv6 has: "[::1]", "::1". */
static bool
is_ipv6(const char *text, size_t length)
{
	char copy[INET6_ADDRSTRLEN];
	struct address address;

	if (!copy_filled(copy, sizeof copy, text, length))
		return false;
	return address_parse(&address, copy, 0) &&
	    address.any.sa_family == AF_INET6;
}

bool
option_set_upstream(void *field, const char *value, const char *directory)
{
	struct config_upstream *upstream = field;
	const char *host = value, *end = strchr(value, ':');
	uint64_t port = UPSTREAM_DEFAULT_PORT;

	(void)directory;
	if (value[0] == '[') {
		host = value + 1;
		end = strchr(value, ']');
		if (end == NULL || !is_ipv6(host, (size_t)(end - host)))
			return false;
	} else if (is_ipv6(value, strlen(value))) {
		end = value + strlen(value);
	} else {
		if (end == NULL)
			end = value + strlen(value);
		if (!is_host(host, (size_t)(end - host)))
			return false;
	}
	if (!copy_filled(upstream->host, sizeof upstream->host, host,
		(size_t)(end - host)))
		return false;
	end += *end == ']';
	if (*end == ':' && !number_parse(end + 1, 1, UINT16_MAX, &port))
		return false;
	upstream->port = (uint16_t)port;
	return *end == ':' || *end == '\0';
}

bool
option_set_duration(void *field, const char *value, const char *directory)
{
	int64_t *duration_ms = field;

	(void)directory;
	return duration_parse(value, duration_ms) && *duration_ms >= 0;
}

bool
option_set_positive_duration(
    void *field, const char *value, const char *directory)
{
	int64_t *duration_ms = field;

	(void)directory;
	return duration_parse(value, duration_ms) && *duration_ms > 0;
}

bool
option_set_sniff_timeout(void *field, const char *value, const char *directory)
{
	int64_t *duration_ms = field;

	(void)directory;
	if (!duration_parse(value, duration_ms))
		return false;
	if (*duration_ms == 0)
		*duration_ms = SNIFF_DEFAULT_MS;
	if (*duration_ms < 0)
		*duration_ms = -1;
	return true;
}

bool
option_set_sniff_limit(void *field, const char *value, const char *directory)
{
	bool negative = value[0] == '-';
	uint64_t number;

	(void)directory;
	if (!number_parse(value + negative, 0,
		negative ? UINT32_MAX : SNIFF_MAX_BYTES, &number))
		return false;
	if (negative || number == 0)
		number = SNIFF_DEFAULT_BYTES;
	*(size_t *)field = (size_t)number;
	return true;
}

bool
option_set_ports(void *field, const char *value, const char *directory)
{
	(void)directory;
	return port_list_parse(field, value);
}

bool
option_set_half_close(void *field, const char *value, const char *directory)
{
	enum half_close *half_close = field;

	(void)directory;
	*half_close =
	    strcmp(value, "hold") == 0 ? HALF_CLOSE_HOLD : HALF_CLOSE_FORWARD;
	return *half_close == HALF_CLOSE_HOLD || strcmp(value, "forward") == 0;
}

/* "auto" is how the table says its default: one per CPU, at least 2. */
bool
option_set_workers(void *field, const char *value, const char *directory)
{
	unsigned *workers = field;
	uint64_t number;
	long cpus;

	(void)directory;
	if (strcmp(value, "auto") == 0) {
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
		number = cpus < 2 ? 2 : (uint64_t)cpus;
		if (number > CONFIG_WORKERS_MAX)
			number = CONFIG_WORKERS_MAX;
	} else if (!number_parse(value, 1, CONFIG_WORKERS_MAX, &number)) {
		return false;
	}
	*workers = (unsigned)number;
	return true;
}

bool
option_set_connections(void *field, const char *value, const char *directory)
{
	uint64_t number;

	(void)directory;
	if (!number_parse(value, 1, CONFIG_CONNECTIONS_MAX, &number))
		return false;
	*(unsigned *)field = (unsigned)number;
	return true;
}

bool
option_set_user(void *field, const char *value, const char *directory)
{
	(void)directory;
	return copy_filled(field, CONFIG_USER_SIZE, value, strlen(value));
}

bool
option_set_path(void *field, const char *value, const char *directory)
{
	char path[PATH_MAX];
	struct text joined = text_in(path, sizeof path);

	if (value[0] != '/' && directory[0] != '\0')
		text_format(&joined, "%s/%s", directory, value);
	else
		text_append(&joined, value);
	if (value[0] == '\0' || joined.length + 1 >= sizeof path)
		return false;
	return copy_filled(field, PATH_MAX, path, joined.length);
}

bool
option_set_log_to(void *field, const char *value, const char *directory)
{
	struct config_log *log = field;

	memset(log, 0, sizeof *log);
	log->to = LOG_TO_FILE;
	if (strcmp(value, "stderr") == 0)
		log->to = LOG_TO_STDERR;
	else if (strcmp(value, "syslog") == 0)
		log->to = LOG_TO_SYSLOG;
	else
		return option_set_path(log->path, value, directory);
	return true;
}

bool
option_set_log_level(void *field, const char *value, const char *directory)
{
	(void)directory;
	for (unsigned level = 0; level < LOG_LEVELS; level++) {
		if (strcmp(value, log_level_name((enum log_level)level)) != 0)
			continue;
		*(enum log_level *)field = (enum log_level)level;
		return true;
	}
	return false;
}
