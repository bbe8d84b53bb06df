/* SPDX-License-Identifier: MIT */
/* config.h - the settings of one run.
 * options_load() makes it at the start and at each reload; from then on it is
 * read-only. A value without pointers. The unused bytes of a field are 0, so
 * that memcmp(3) compares the fields of two configurations. */

#ifndef CONFIG_H
#define CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/log.h"
#include "config/config_types.h"
#include "config/connect_headers.h"
#include "config/credentials.h"
#include "config/port_list.h"
#include "config/route_table.h"
#include "config/status_address.h"

struct config {
	uint16_t local_port;
	struct address local_address; /* its port is not used */
	struct config_proxies proxies;
	enum upstream_order upstream_order;
	int64_t failover_after_ms;
	int64_t check_interval_ms;
	struct routes routes;
	/* Follow from the two above: config_complete() makes them. An
	 * upstream's index among them is its identity everywhere. */
	struct upstream_set upstreams;
	struct route_table route_table;
	struct credentials upstream_credentials;
	struct connect_headers connect_headers;
	struct port_list http_relay_ports;
	int64_t http_head_timeout_ms;
	unsigned ready_connections; /* to an upstream, for each worker */
	int64_t ready_timeout_ms;
	int64_t dial_timeout_ms;
	int64_t response_timeout_ms;
	int64_t sniff_timeout_ms; /* -1: no sniffing */
	size_t sniff_limit_bytes;
	struct port_list sniff_tls_ports;
	struct port_list sniff_http_ports;
	enum half_close half_close;
	int64_t idle_timeout_ms; /* 0: none, as for the next */
	int64_t half_closed_timeout_ms;
	int64_t drain_timeout_ms;
	unsigned workers;
	unsigned max_connections; /* 0: as many as the machine allows */
	int64_t max_per_client; /* 0: no bound; or CONFIG_PER_CLIENT_AUTO */
	struct config_user user; /* none: the default user */
	struct config_user group; /* none: the user's */
	char chroot_path[PATH_MAX]; /* "": none, as for the next two */
	char pid_file[PATH_MAX];
	char config_file[PATH_MAX];
	bool sandbox;
	struct config_log log;
	enum log_format log_format;
	enum log_level log_level;
	struct status_address status_address;
	bool background;
	bool check;
	char print[CONFIG_OPTION_SIZE]; /* "": nothing is asked for */
	bool top;
	bool version;
	bool help;
};

#endif
