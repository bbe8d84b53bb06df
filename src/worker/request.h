/* SPDX-License-Identifier: MIT */
/* request.h - what has been sent of the request, and what was read of the
 * answer: the private part of REQUESTING and ANSWERING. */

#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/connect_response.h"

enum { REQUEST_FIRST_BYTES = 16 };

struct request {
	size_t sent_bytes;
	bool is_starved; /* the kernel was short of memory: sent later */
	bool has_ready_socket; /* its end is no failure: ready_use.h */
	int64_t until_ms; /* of REQUESTING */
	int64_t asked_ms; /* the request was begun then */
	bool is_waiting; /* in requests.h's list, as the next two */
	struct request *next;
	struct request *previous;
	unsigned char first_length;
	unsigned char first[REQUEST_FIRST_BYTES]; /* of the answer */
	struct connect_response response;
};

/* Another upstream is dialled now: it was sent nothing, and answered nothing.
 */
void request_begin(struct request *request);

/* Of an answer that is no HTTP the log has the first bytes. */
void request_note_first_bytes(struct request *request, struct span fresh);

#endif
