/* SPDX-License-Identifier: MIT */
/* worker.h - all state of a running worker process, and no code. A worker owns
 * its connections, holds no privilege, opens no file and never forks. */

#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "event/deadlines.h"
#include "event/slab_pool.h"
#include "event/socket_set.h"
#include "event/timer.h"
#include "ipc/counters.h"
#include "ipc/message.h"
#include "worker/acceptor_state.h"
#include "worker/buffer_pool.h"
#include "worker/clients.h"
#include "worker/lister_state.h"
#include "worker/local_addresses.h"
#include "worker/pending.h"
#include "worker/pipe_pool.h"
#include "worker/silent.h"
#include "worker/socket_pool.h"
#include "worker/upstream.h"
#include "worker/upstream_state.h"
#include "worker/warning_limit.h"
#include "worker/watch_kind.h"

struct connection;
enum { WORKER_BUFFER_BYTES = 64 * 1024 };

struct worker {
	const struct config *config;
	unsigned number;
	struct counters *counters;
	int64_t now_ms; /* the clock, read once a turn */

	int listener_fd; /* shared with the other workers; -1: draining */
	struct socket_set sockets;
	struct watch control; /* messages from the master */
	struct message_reader messages;
	struct watch stop;
	struct timer timer;
	struct deadlines deadlines;

	struct slab_pool connections;
	struct slab_pool handshakes;
	struct connection *done; /* freed at the end of the turn */
	struct pending pending;
	struct clients clients;
	struct message_limit limit;
	unsigned open; /* connections now */
	unsigned ended; /* connections, since the acceptor was told */

	struct lister lister;
	struct acceptor acceptor;
	struct local_addresses local_addresses;
	struct silent silent;
	struct upstream upstreams[UPSTREAMS_MAX]; /* by index */
	struct health health;
	struct ready ready;
	struct socket_pool upstream_sockets;
	struct pipe_pool pipes;
	struct buffer_pool buffers;
	unsigned char *buffer; /* owned; empty between two steps */
	size_t turn_bytes; /* moved in this turn */
	size_t share_bytes; /* of it, that a bulk stream may move at once */
	unsigned bulk_runs; /* of bulk streams, in this batch */

	struct warning_limit warning_limits[FAILURES];
	bool log_is_behind; /* lines wait for the master to read */
	bool draining;
	int64_t drain_until_ms; /* DEADLINE_NEVER: for ever */
};

#endif
