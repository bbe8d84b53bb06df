/* SPDX-License-Identifier: MIT */
/* client.h - a connection to the status process: one request, one answer.
 *
 *   READING -> ANSWERING -> ENDING -> (removed)
 *
 * LISTING between the first two, where a list of tunnels is asked for.
 *
 * Status process. */

#ifndef STATUS_CLIENT_H
#define STATUS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "event/socket_set.h"
#include "status/answer.h"

enum client_state {
	CLIENT_READING, /* the head of the request */
	CLIENT_LISTING, /* until workers have listed their tunnels */
	CLIENT_ANSWERING,
	/* All is sent, and what the peer still sends is thrown away until its
	 * end: close(2) with bytes unread would reset the connection, and the
	 * peer could lose the answer. */
	CLIENT_ENDING,
};

struct client {
	struct watch watch; /* owns the socket */
	enum client_state state;
	int64_t since_ms; /* of the connection */
	size_t length; /* of the head, so far */
	char head[REQUEST_HEAD_MAX];
	bool is_head; /* of LISTING: its answer has no body */
	struct tunnel_request wanted; /* the same; without a number */
	struct answer answer;
};

/* Owns fd from now on; NULL without memory, and fd is closed. */
struct client *client_new(struct socket_set *sockets, int fd, int64_t now_ms);
/* Closes and frees. */
void client_free(struct client *client);

/* Its socket is ready. False: the connection is over, the caller frees it. */
bool client_step(struct client *client, struct socket_set *sockets,
    struct snapshot_page *page);

/* The end of LISTING. NULL: there is no list now. False as above. */
bool client_answer_tunnels(struct client *client, struct socket_set *sockets,
    const struct tunnels *tunnels);

#endif
