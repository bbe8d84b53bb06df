/* worker.h - a worker process: what its parts share.
 * It owns all its connections, holds no privilege, opens no file and never
 * forks. One turn of its loop: wait, read the clock, step what is ready,
 * accept, expire deadlines, take back what is done. */

#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "ipc/control_record.h"
#include "ipc/counters.h"
#include "ipc/role.h"
#include "worker/acceptor.h"
#include "worker/connection.h"
#include "worker/connection_log.h"
#include "worker/deadlines.h"
#include "worker/local_addresses.h"
#include "worker/pending.h"
#include "worker/pipe_pool.h"
#include "worker/slab_pool.h"
#include "worker/socket_pool.h"
#include "worker/socket_set.h"
#include "worker/timer.h"

/* Bytes pass through here; between two steps nothing is in it. */
enum { WORKER_BUFFER_BYTES = 64 * 1024 };

struct worker {
	const struct config *config;
	unsigned number;
	int control_fd;
	int stop_fd; /* readable when a TERM came */
	int listener_fd; /* -1 once it drains */
	struct counters *counters;
	struct socket_set sockets;
	struct deadlines deadlines;
	struct timer timer;
	struct slab_pool connections;
	struct slab_pool handshakes;
	struct connection *done; /* to be freed at the end of the turn */
	struct pending pending;
	struct pipe_pool pipes;
	struct socket_pool upstream_sockets;
	struct local_addresses local_addresses;
	struct connection_log connection_log;
	struct upstream_addresses upstream;
	unsigned preferred; /* the address that answered last */
	int64_t lookup_from_ms; /* fresh ones are not asked for before */
	unsigned limit; /* connections at once */
	unsigned open; /* connections now */
	struct acceptor acceptor;
	bool log_is_behind; /* the master has not heard all */
	bool draining;
	int64_t drain_until_ms;
	int64_t now_ms; /* the turn's reading of the clock */
	unsigned char *buffer;
};

/* Something happened that is not mere waking up. */
static inline void
worker_progress(struct worker *worker)
{
	counter_step(&worker->counters->progress, 1);
}

role_main worker_main;

#endif
