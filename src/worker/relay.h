/* SPDX-License-Identifier: MIT */
/* relay.h - a plain HTTP request that was sent to the upstream as a proxy
 * request: what is left of its body, and what is known of the response. The
 * private part of RELAYING. No I/O. */

#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/relay_head.h"
#include "protocol/request_body.h"
#include "worker/request.h"

struct relay {
	unsigned tried; /* upstreams, this one included */
	struct request_body body;
	bool body_ended;
	bool body_malformed;
	bool is_answered; /* the response is passed on as it comes */
	bool is_over; /* the response has ended, and so has our stream */
	struct request request; /* what waits, and the response */
	unsigned char *held; /* owned: a head that is not whole, or NULL */
	size_t held_length;
	size_t held_capacity;
};

/* For the request with this head; NULL without memory. */
struct relay *relay_new(const struct relay_head *head);

/* NULL is fine; sets *relay to NULL. */
void relay_free(struct relay **relay);

/* How many of the client's next bytes belong to the body. Those behind it are
 * for nobody. */
size_t relay_take_body(struct relay *relay, struct span fresh);

/* Reads the upstream's next bytes until the status is known. *pass is what may
 * go to the client: not the bytes of a head that is not whole, which are held
 * until it is. False without memory. */
bool relay_take_response(struct relay *relay, struct span fresh,
    enum connect_verdict *verdict, struct span *pass);

/* What is held; the client may have it where nothing else will come. */
struct span relay_held(const struct relay *relay);

/* The bytes have gone to the client, or are kept for it. */
void relay_forget(struct relay *relay, struct span passed);

#endif
