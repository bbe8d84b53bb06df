/* SPDX-License-Identifier: MIT */
/* tunnel_list.h - open connections of a worker, which it lists when the status
 * process asks: messages go by the master, the list by memory shared over
 * fork(2), made where -status-address is set. A worker writes its own list
 * alone and sees no other; the status process reads all, and believes nothing.
 */

#ifndef TUNNEL_LIST_H
#define TUNNEL_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "ipc/client_counts.h"
#include "ipc/shared_area.h"

/* A worker's list has the index of its table of clients. Where memory has few
 * addresses, workers with a higher one list nothing. */
enum { TUNNEL_LISTS = sizeof(void *) < 8 ? 64 : CLIENT_TABLES };
enum { TUNNEL_LIST_MAX = 1000, TUNNEL_NAME_SIZE = 264 };

enum tunnel_mode { TUNNEL_CONNECT, TUNNEL_RELAY, TUNNEL_DIRECT };
enum { TUNNEL_MODES = TUNNEL_DIRECT + 1 };

/* The largest first. */
enum tunnel_order { TUNNELS_BY_RATE, TUNNELS_BY_BYTES, TUNNELS_BY_AGE };
enum { TUNNEL_ORDERS = TUNNELS_BY_AGE + 1 };

struct tunnel {
	uint64_t age_ms, idle_ms;
	uint64_t sent, received; /* bytes, as in the log */
	uint64_t sent_rate, received_rate; /* bytes a second */
	uint32_t mode, state; /* state: see snapshot_state_name() */
	char client[ADDRESS_TEXT_SIZE], destination[ADDRESS_TEXT_SIZE];
	char upstream[TUNNEL_NAME_SIZE]; /* as in the log; empty: none yet */
	char host[TUNNEL_NAME_SIZE]; /* empty: no name is known */
};

struct tunnel_list;

/* LIST, up and down: up to `limit` connections, the first of an order. */
struct tunnel_request {
	uint32_t number; /* not 0 */
	uint32_t limit, order;
};

/* LISTED, up and down: so many are in the worker's list. */
struct tunnel_answer {
	uint32_t number; /* of the request */
	uint32_t count;
	/* The master's words, whatever the worker's were. */
	uint32_t worker, list; /* list: TUNNEL_LISTS: none, of no worker */
	uint32_t left; /* workers that have still to answer */
};

bool tunnel_request_is_valid(const struct tunnel_request *request);
bool tunnel_answer_is_valid(const struct tunnel_answer *answer);

/* By how much it comes first. */
uint64_t tunnel_key(const struct tunnel *tunnel, enum tunnel_order order);

int tunnel_lists_map(struct shared_area *area); /* 0, or -1 with errno */

/* In a child: its own list, for which all other writable ones are unmapped.
 * TUNNEL_LISTS or more stands for none, and the result is NULL. */
struct tunnel_list *tunnel_lists_take(struct shared_area *area, unsigned own);

/* For the list's writer. Empty: its memory goes back to the kernel. */
void tunnel_list_write(
    struct tunnel_list *list, unsigned slot, const struct tunnel *tunnel);
void tunnel_list_empty(struct tunnel_list *list);

/* For the reader of all of them. False where it is no tunnel that ours write.
 */
bool tunnel_list_read(const struct shared_area *area, unsigned list,
    unsigned slot, struct tunnel *copy);

#endif
