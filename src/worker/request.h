/* request.h - what has been sent of the CONNECT, and what was read of the
 * answer: the private part of REQUESTING and ANSWERING. */

#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/connect_response.h"

struct request {
	size_t sent_bytes;
	int64_t asked_ms; /* the request was begun then; 0: it was not */
	struct connect_response response;
};

#endif
