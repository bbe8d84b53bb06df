/* SPDX-License-Identifier: MIT */
/* tunnels_json.h - the first of all workers' tunnels, by an order, as JSON.
 * Status process. Pure but for memory. */

#ifndef TUNNELS_JSON_H
#define TUNNELS_JSON_H

#include <stdbool.h>

#include "base/ranking.h"
#include "ipc/tunnel_list.h"
#include "status/output.h"
#include "status/request.h"

/* All bytes 0: none, without place for any. */
struct tunnels {
	enum tunnel_order order;
	struct ranking ranking;
	struct tunnels_row {
		unsigned worker;
		struct tunnel tunnel;
	} * rows; /* owned; by slot of the ranking */
};

/* Whether the path is that of a list of tunnels. */
bool tunnels_are_asked_for(const struct request *request);

/* `limit=N&sort=rate|bytes|age`, each with a default; others are passed over.
 * Sets both in *request. False where one is wrong. */
bool tunnels_query(struct span query, struct tunnel_request *request);

/* Empty, for as many as the request wants. False without memory. */
bool tunnels_begin(
    struct tunnels *tunnels, const struct tunnel_request *request);
void tunnels_clear(struct tunnels *tunnels);

/* It is kept if it is among the first. */
void tunnels_add(
    struct tunnels *tunnels, unsigned worker, const struct tunnel *tunnel);

/* From here on nothing is added. */
void tunnels_sort(struct tunnels *tunnels);

/* An array of objects, `limit` at most, in their order. */
void tunnels_write(
    struct output *output, const struct tunnels *tunnels, unsigned limit);

#endif
