/* SPDX-License-Identifier: MIT */
/* config_check.h - what must be true of a configuration that was accepted, and
 * of the words for one that was not, whatever they were made from. */

#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/text.h"
#include "config/config.h"
#include "fuzz.h"

#define LONGEST_MS (10LL * 365 * 24 * 3600 * 1000)

enum { SNIFF_MAX_BYTES = 1024 * 1024 };

/* Terminated, with nothing of an earlier value behind its end: a reload
 * compares whole fields. */
static void
check_string(const char *field, size_t size)
{
	size_t length = strnlen(field, size);

	FUZZ_CHECK(length < size);
	for (; length < size; length++)
		FUZZ_CHECK(field[length] == '\0');
}

#define CHECK_STRING(field) check_string((field), sizeof(field))

static void
check_upstream(const struct config_upstream *upstream)
{
	CHECK_STRING(upstream->host);
	FUZZ_CHECK(upstream->host[0] != '\0' && upstream->host[0] != '-');
	for (const char *c = upstream->host; *c != '\0'; c++)
		FUZZ_CHECK(*c > ' ' && *c <= '~' && *c != '/' && *c != '[');
	FUZZ_CHECK(upstream->port != 0);
}

static void
check_ports(const struct port_list *list)
{
	static const struct port_range unused;

	FUZZ_CHECK(list->count <= PORT_LIST_RANGES);
	for (unsigned i = 0; i < PORT_LIST_RANGES; i++) {
		const struct port_range *range = &list->ranges[i];

		if (i < list->count)
			FUZZ_CHECK(
			    range->first >= 1 && range->first <= range->last);
		else
			FUZZ_CHECK(memcmp(range, &unused, sizeof unused) == 0);
	}
}

static void
check_timeouts(const struct config *config)
{
	FUZZ_CHECK(config->dial_timeout_ms > 0);
	FUZZ_CHECK(config->dial_timeout_ms <= LONGEST_MS);
	FUZZ_CHECK(config->response_timeout_ms > 0);
	FUZZ_CHECK(config->response_timeout_ms <= LONGEST_MS);
	FUZZ_CHECK(config->sniff_timeout_ms == -1 ||
	    (config->sniff_timeout_ms > 0 &&
		config->sniff_timeout_ms <= LONGEST_MS));
	FUZZ_CHECK(config->idle_timeout_ms >= 0);
	FUZZ_CHECK(config->idle_timeout_ms <= LONGEST_MS);
	FUZZ_CHECK(config->half_closed_timeout_ms >= 0);
	FUZZ_CHECK(config->half_closed_timeout_ms <= LONGEST_MS);
	FUZZ_CHECK(config->drain_timeout_ms >= 0);
	FUZZ_CHECK(config->drain_timeout_ms <= LONGEST_MS);
}

static void
check_log(const struct config *config)
{
	FUZZ_CHECK((unsigned)config->log_level < LOG_LEVELS);
	FUZZ_CHECK((unsigned)config->log.to <= LOG_TO_FILE);
	CHECK_STRING(config->log.path);
	FUZZ_CHECK(
	    (config->log.to == LOG_TO_FILE) == (config->log.path[0] != '\0'));
}

static void
check_config(const struct config *config)
{
	FUZZ_CHECK(config->local_port != 0);
	FUZZ_CHECK(config->local_address.any.sa_family == AF_INET ||
	    config->local_address.any.sa_family == AF_INET6);
	for (unsigned i = 0; i < config->upstreams.count; i++)
		check_upstream(&config->upstreams.list[i]);
	FUZZ_CHECK(config->upstreams.count <= UPSTREAMS_MAX);
	FUZZ_CHECK(config->upstreams.count > 0 || config->proxies.list.direct);
	FUZZ_CHECK(config->failover_after_ms > 0);
	FUZZ_CHECK(config->check_interval_ms > 0);
	FUZZ_CHECK(config->routes.count <= ROUTE_MATCHES_MAX);
	check_timeouts(config);
	FUZZ_CHECK(config->sniff_limit_bytes >= 1);
	FUZZ_CHECK(config->sniff_limit_bytes <= SNIFF_MAX_BYTES);
	check_ports(&config->sniff_tls_ports);
	check_ports(&config->sniff_http_ports);
	FUZZ_CHECK(config->half_close == HALF_CLOSE_FORWARD ||
	    config->half_close == HALF_CLOSE_HOLD);
	FUZZ_CHECK(config->workers >= 1);
	FUZZ_CHECK(config->workers <= CONFIG_WORKERS_MAX);
	FUZZ_CHECK(config->max_connections <= CONFIG_CONNECTIONS_MAX);
	CHECK_STRING(config->user.name);
	CHECK_STRING(config->group.name);
	CHECK_STRING(config->chroot_path);
	CHECK_STRING(config->pid_file);
	CHECK_STRING(config->status_address.path);
	FUZZ_CHECK(config->status_address.path[0] == '\0' ||
	    config->status_address.ip.any.sa_family == AF_UNSPEC);
	CHECK_STRING(config->config_file);
	check_log(config);
}

/* As log_to_terminal() says it: one line, nothing of it cut. */
static void
check_error(const char *words)
{
	static char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	text_printable(&line, span_of(words, strlen(words)));
	FUZZ_CHECK(line.length > 0);
	FUZZ_CHECK(line.length + 1 < line.size);
	FUZZ_CHECK(strlen(words) <= line.length);
}

#endif
