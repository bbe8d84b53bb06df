/* SPDX-License-Identifier: MIT */
/* message_parts.h - what messages carry. See message.h. Any process. */

#ifndef MESSAGE_PARTS_H
#define MESSAGE_PARTS_H

#include "base/log.h"
#include "base/upstream_addresses.h"

/* Of the upstream with this index: one address at least, each with a port. */
struct message_addresses {
	unsigned upstream;
	struct upstream_addresses known;
};

struct message_line {
	enum log_level level;
	char words[LOG_WORDS_SIZE];
};

struct message_limit {
	unsigned connections; /* at once, of the worker */
	unsigned per_client; /* at once, of all workers; 0: no bound */
	unsigned client_tables; /* in use: see client_counts.h */
};

#endif
