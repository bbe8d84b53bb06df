/* SPDX-License-Identifier: MIT */
#include "worker/relay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct relay *
relay_new(const struct relay_head *head)
{
	struct relay *relay = calloc(1, sizeof *relay);

	if (relay == NULL)
		return NULL;
	relay->body = head->fields.is_chunked
	    ? request_body_chunked()
	    : request_body_plain(head->fields.content_length);
	relay->body_ended =
	    !head->fields.is_chunked && head->fields.content_length == 0;
	connect_response_init_relayed(&relay->request.response);
	return relay;
}

void
relay_free(struct relay **relay)
{
	if (*relay == NULL)
		return;
	assert(!(*relay)->request.is_waiting);
	free((*relay)->held);
	free(*relay);
	*relay = NULL;
}

size_t
relay_take_body(struct relay *relay, struct span fresh)
{
	enum body_verdict verdict;
	size_t used;

	if (relay->body_ended || relay->body_malformed)
		return 0;
	verdict = request_body_count(&relay->body, fresh, &used);
	relay->body_ended = verdict == BODY_END;
	relay->body_malformed = verdict == BODY_MALFORMED;
	return used;
}

/* Keeps a copy of the bytes behind those that are held. */
static bool
hold(struct relay *relay, struct span fresh)
{
	size_t needed = relay->held_length + fresh.length;
	size_t capacity = 2 * relay->held_capacity;
	unsigned char *grown;

	if (needed > relay->held_capacity) {
		if (capacity < needed)
			capacity = needed;
		if ((grown = realloc(relay->held, capacity)) == NULL)
			return false;
		relay->held = grown;
		relay->held_capacity = capacity;
	}
	if (fresh.length > 0)
		memcpy(relay->held + relay->held_length, fresh.bytes,
		    fresh.length);
	relay->held_length = needed;
	return true;
}

bool
relay_take_response(struct relay *relay, struct span fresh,
    enum connect_verdict *verdict, struct span *pass)
{
	bool has_held = relay->held_length > 0;
	size_t used, keep;

	if (has_held && !hold(relay, fresh))
		return false;
	*verdict =
	    connect_response_parse(&relay->request.response, fresh, &used);
	*pass = has_held ? relay_held(relay) : fresh;
	keep = *verdict == CONNECT_MORE ? relay->request.response.length : 0;
	assert(keep <= pass->length);
	pass->length -= keep;
	return has_held || hold(relay, span_after(fresh, pass->length));
}

struct span
relay_held(const struct relay *relay)
{
	return span_of(relay->held, relay->held_length);
}

void
relay_forget(struct relay *relay, struct span passed)
{
	if (passed.length == 0 || passed.bytes != relay->held)
		return;
	relay->held_length -= passed.length;
	memmove(relay->held, relay->held + passed.length, relay->held_length);
}
