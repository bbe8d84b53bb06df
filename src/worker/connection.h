/* SPDX-License-Identifier: MIT */
/* connection.h - one redirected client and its socket towards the upstream:
 * their memory and descriptors. What happens to them is decided in states.h.
 * A connection that is DONE owns nothing. connection_sweep() frees its memory
 * at the end of the turn: events of the same turn may still name it. */

#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "event/deadlines.h"
#include "worker/connection_state.h"
#include "worker/endpoint.h"
#include "worker/flow.h"
#include "worker/pending.h"
#include "worker/side.h"
#include "worker/silent.h"

struct worker;
struct handshake;
struct relay;

struct connection {
	enum connection_state state;
	enum connection_result result;
	struct connection_failure failure;
	struct endpoint endpoints[2]; /* by enum side */
	struct flow flows[2]; /* by the side that the bytes come from */
	struct deadline deadline;
	struct pending_entry pending; /* while its state is a pending one */
	struct address client;
	uint32_t sample; /* its place in samples.h, from 1 on; 0: none */
	struct client *client_record; /* counts it, once it has begun */
	struct silent_entry silent; /* of a client that is this host */
	struct address destination;
	unsigned upstream_index; /* of the configuration, or UPSTREAM_DIRECT */
	struct address upstream; /* the address dialled; none before */
	int64_t started_ms;
	int64_t connect_ms; /* how long the dial took; -1: none succeeded */
	int64_t answer_ms; /* how long the answer took; -1: none came */
	int64_t active_ms; /* last event of the tunnel */
	uint64_t counted_sent, counted_received; /* bytes, as its client's */
	int64_t counted_ms; /* when that was */
	char *host; /* owned: the sniffed name, or NULL */
	struct handshake *handshake; /* owned: while the state is pending */
	struct relay *relay; /* owned: RELAYING, or NULL */
	struct connection *next_done;
};

/* A connection with all the memory and the upstream socket that it will need,
 * so that an accepted client never lacks them. No client; NULL with errno. */
struct connection *connection_reserve(struct worker *worker);

/* Gives up the handshake: the state that follows is not pending. */
void connection_end_handshake(
    struct worker *worker, struct connection *connection);

/* Closes and frees all that it owns, but for its memory: it is swept. It is in
 * no list and no heap. errno stays. */
void connection_release(struct worker *worker, struct connection *connection);

/* Frees the memory of those that were released. */
void connection_sweep(struct worker *worker);

/* For the steps: notes a failure, which is logged with the connection's end,
 * and returns the state that follows. Both texts must live until then. */
enum connection_state connection_fail(struct connection *connection,
    enum failure kind, const char *words, const char *cause);

/* It goes on: nothing has failed. */
void connection_clear_failure(struct connection *connection);

/* The connection that a part belongs to; the watch is that of an endpoint. */
struct connection *connection_of_watch(struct watch *watch, enum side *side);
struct connection *connection_of_deadline(struct deadline *deadline);
struct connection *connection_of_pending(struct pending_entry *entry);

#endif
