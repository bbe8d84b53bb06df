/* connection.h - one redirected client, its socket towards the upstream, and
 * the states between accept and close.
 *
 *   SNIFFING -> DIALLING -> REQUESTING -> ANSWERING -> TUNNELLING -> DONE
 *
 * Each state has a step, which is called once when the state is entered (with
 * no events) and then for each event or deadline; it returns the next state.
 * Only enter() in connection.c assigns the state. A connection that is DONE has
 * given up all it owned but its memory, which the loop takes back at the end
 * of the turn. */

#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "ipc/counters.h"
#include "worker/deadlines.h"
#include "worker/side.h"
#include "worker/socket_set.h"

struct worker;
struct handshake;

enum connection_state {
	CONNECTION_RESERVED, /* has no client as yet */
	CONNECTION_SNIFFING, /* looks for a name in the first bytes */
	CONNECTION_DIALLING, /* waits for an address, or for connect(2) */
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

struct connection {
	struct deadline deadline; /* first: the heap holds pointers to it */
	enum connection_state state;
	enum connection_result result;
	struct endpoint endpoints[2]; /* by enum side */
	struct flow flows[2]; /* by the side that the bytes come from */
	struct address client;
	struct address destination;
	struct address upstream; /* the one dialled; none before */
	int64_t started_ms;
	int64_t active_ms; /* last event of the tunnel */
	char *host; /* owned: the sniffed name, or NULL */
	struct handshake *handshake; /* owned: until the tunnel stands */
	/* In the list of the pending ones, or, `next` alone, of those that are
	 * done. */
	struct connection *next;
	struct connection *previous;
};

/* A connection with all the memory and the upstream socket that it will need,
 * but no client as yet, so that an accepted client never lacks them; NULL with
 * errno. */
struct connection *connection_reserve(struct worker *worker);

/* Gives a reserved connection back, with the client in it if there is one. */
void connection_release(struct worker *worker, struct connection *connection);

/* Gives up the handshake: the tunnel stands. */
void connection_end_handshake(
    struct worker *worker, struct connection *connection);

/* Frees what is DONE: events of the same turn may have named it. */
void connection_sweep(struct worker *worker);

/* Client socket, client and destination are filled in: from here on it lives
 * by the functions that follow. */
void connection_begin(struct worker *worker, struct connection *connection);

/* Events of one side's socket, as socket_set.h has them. */
void connection_step(struct worker *worker, struct connection *connection,
    enum side side, uint32_t events);

/* Without an event: its deadline has come, or what it waited for is there. */
void connection_review(struct worker *worker, struct connection *connection);

/* RST on both sides, whatever the state. */
void connection_abort(struct worker *worker, struct connection *connection,
    enum connection_result result);

/* The same with a warning, for a connection that has waited too long for its
 * tunnel while others wait for its place. */
void connection_evict(struct worker *worker, struct connection *connection);

/* For the steps: says why in a warning (see connection_log_failure()) and
 * returns the state that follows. */
enum connection_state connection_fail(struct worker *worker,
    struct connection *connection, enum failure kind, const char *words,
    const char *cause);

const char *connection_result_name(enum connection_result result);

/* From the tag of an end in the socket set. */
struct connection *connection_of_tag(uint64_t tag, enum side *side);

/* The heap's entries are connections' first members. */
static inline struct connection *
connection_of_deadline(struct deadline *deadline)
{
	return (struct connection *)(void *)deadline;
}

#endif
