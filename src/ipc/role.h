/* SPDX-License-Identifier: MIT */
/* role.h - what the master hands to a process that it forks. Both ends. */

#ifndef ROLE_H
#define ROLE_H

#include <stdbool.h>

#include "base/upstream_addresses.h"
#include "ipc/client_counts.h"
#include "ipc/counters.h"
#include "ipc/log_counts.h"
#include "ipc/message.h"
#include "ipc/snapshot_page.h"
#include "ipc/tunnel_list.h"

struct config;

enum { ROLE_PIPES_MAX = 16 }; /* of a worker, for splicing */

/* The child owns the descriptors and the page; the configuration is its copy
 * of the master's memory. */
struct role {
	const struct config *config;
	unsigned number; /* of the worker; the resolver's: its upstream */
	bool is_first; /* worker that was ever forked */
	int control_fd; /* from the master; its end: master gone */
	int master_fd; /* to the master: see master_pipe.h */
	int listener_fd; /* worker: shared by all of them */
	int log_fd; /* log writer: the file */
	int status_fd; /* status process: its listener */
	int ipv6_addresses_fd; /* worker: /proc/net/if_inet6, or -1 */
	struct log_counts *log_counts;
	struct counters *counters; /* worker */
	struct snapshot_page *snapshot_page; /* status process */
	struct upstream_addresses upstreams[UPSTREAMS_MAX]; /* known now */
	struct message_limit limit; /* worker */
	struct client_counts client_counts; /* worker */
	struct client_table *client_table; /* worker: its own, or NULL */
	unsigned client_table_index; /* worker */
	struct tunnel_list *tunnel_list; /* worker: its own, or NULL */
	struct shared_area tunnel_lists; /* status process: of all workers */
	unsigned pipes; /* worker: for splicing, at most */
};

/* Does not return: a role ends by exit(3). */
typedef void role_main(const struct role *role);

#endif
