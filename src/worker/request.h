/* request.h - what has been sent of the CONNECT, and what was read of the
 * answer: the private part of REQUESTING and ANSWERING. */

#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>

#include "protocol/connect_response.h"

struct request {
	size_t sent_bytes;
	struct connect_response response;
};

#endif
