/* connection.h - one redirected client and its socket towards the upstream:
 * their memory and descriptors. What happens to them is the states' (states.h).
 *
 *   SNIFFING -> WAITING -> DIALLING -> REQUESTING -> ANSWERING -> TUNNELLING
 *
 * and DONE from any of them. A connection that is DONE has given up all that it
 * owned but its memory, which connection_sweep() frees at the end of the turn:
 * events of the same turn may still name it. */

#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "event/deadlines.h"
#include "ipc/counters.h"
#include "worker/flow.h"
#include "worker/pending.h"
#include "worker/side.h"

struct worker;
struct handshake;

/* The order means nothing; what is true of a state is in its row in states.c.
 */
enum connection_state {
	CONNECTION_RESERVED, /* has no client yet */
	CONNECTION_SNIFFING, /* looks for a name in the first bytes */
	CONNECTION_WAITING, /* no address of the upstream is known */
	CONNECTION_DIALLING, /* connect(2) is in flight */
	CONNECTION_REQUESTING, /* sends CONNECT */
	CONNECTION_ANSWERING, /* reads the upstream's response header */
	CONNECTION_TUNNELLING, /* bytes go both ways */
	CONNECTION_DONE,
};
enum { CONNECTION_STATES = CONNECTION_DONE + 1 };

/* How it ended, for the log. */
enum connection_result {
	RESULT_DONE,
	RESULT_CLIENT_RESET,
	RESULT_UPSTREAM_RESET,
	RESULT_IDLE_TIMEOUT,
	RESULT_DRAINED,
	RESULT_ERROR,
};

/* Why it failed, until its end is logged. */
struct connection_failure {
	enum failure kind;
	const char *words; /* NULL: it did not fail */
	const char *cause; /* NULL: the upstream's status and reason */
};

struct connection {
	enum connection_state state;
	enum connection_result result;
	struct connection_failure failure;
	struct endpoint endpoints[2]; /* by enum side */
	struct flow flows[2]; /* by the side that the bytes come from */
	struct deadline deadline;
	struct pending_entry pending; /* while its state is a pending one */
	struct address client;
	struct address destination;
	struct address upstream; /* the address dialled; none before */
	int64_t started_ms;
	int64_t active_ms; /* last event of the tunnel */
	char *host; /* owned: the sniffed name, or NULL */
	struct handshake *handshake; /* owned: until the tunnel stands */
	struct connection *next_done;
};

/* A connection with all the memory and the upstream socket that it will need,
 * but no client, so that an accepted client never lacks them; NULL with errno.
 */
struct connection *connection_reserve(struct worker *worker);

/* Gives up the handshake: the tunnel stands. */
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

const char *connection_result_name(enum connection_result result);

/* The connection that a part belongs to; a watch is WATCH_CLIENT's or
 * WATCH_UPSTREAM's. */
struct connection *connection_of_watch(struct watch *watch, enum side *side);
struct connection *connection_of_deadline(struct deadline *deadline);
struct connection *connection_of_pending(struct pending_entry *entry);

#endif
