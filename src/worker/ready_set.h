/* SPDX-License-Identifier: MIT */
/* ready_set.h - an upstream's ready sockets: connected to it, or about to be,
 * and of use to no client yet. No I/O. */

#ifndef READY_SET_H
#define READY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "config/config_types.h"
#include "worker/endpoint.h"

struct ready_socket {
	struct endpoint endpoint; /* without a socket the place is free */
	unsigned upstream; /* its index, as of the address */
	struct address address;
	int64_t opened_ms; /* connect(2) was called */
	bool is_connected;
};

struct ready_set {
	struct ready_socket places[CONFIG_READY_MAX];
	bool is_wanted; /* its upstream is in use: it is to be filled */
	int64_t fill_from_ms; /* but not before */
};

void ready_set_init(struct ready_set *set);

bool ready_set_has(const struct ready_socket *socket);
unsigned ready_set_count(const struct ready_set *set);

/* NULL: there is none. */
struct ready_socket *ready_set_find_free(struct ready_set *set);

/* The one that has been open for longest, of those that are connected and were
 * opened later than that; NULL: there is none. The oldest comes first so that
 * few expire. */
struct ready_socket *ready_set_find_oldest(
    struct ready_set *set, int64_t opened_after_ms);

/* When the first expires or it is to be filled; DEADLINE_NEVER: it is empty,
 * and not wanted. */
int64_t ready_set_due_ms(const struct ready_set *set, int64_t timeout_ms);

#endif
