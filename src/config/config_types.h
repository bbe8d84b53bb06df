/* SPDX-License-Identifier: MIT */
/* config_types.h - bounds and types of settings that have no file of their
 * own. */

#ifndef CONFIG_TYPES_H
#define CONFIG_TYPES_H

#include <limits.h>

#include "config/upstream_list.h"

enum {
	CONFIG_USER_SIZE = 64,
	CONFIG_LOG_PATH_SIZE = PATH_MAX - 2, /* see log_writer.h */
	CONFIG_OPTION_SIZE = 64,
	CONFIG_WORKERS_MAX = 256,
	CONFIG_CONNECTIONS_MAX = 10000000,
	CONFIG_READY_MAX = 16, /* connections to an upstream */
	CONFIG_PER_CLIENT_AUTO = -1, /* half of the capacity */
};

/* A user or a group: a name or a number. */
struct config_user {
	char name[CONFIG_USER_SIZE]; /* "": none is named */
	unsigned line; /* of the configuration file; 0: the command line */
};

enum half_close { HALF_CLOSE_FORWARD, HALF_CLOSE_HOLD };

enum log_to { LOG_TO_DEFAULT, LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_FILE };

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* The order in which upstreams that are up are asked. */
enum upstream_order { UPSTREAM_ORDER_LISTED, UPSTREAM_ORDER_SPREAD };

/* The value of -upstream-proxy. */
struct config_proxies {
	struct upstream_set upstreams;
	struct upstream_list list; /* indices into them */
};

struct config_log {
	enum log_to to;
	char path[CONFIG_LOG_PATH_SIZE]; /* of LOG_TO_FILE */
};

#endif
