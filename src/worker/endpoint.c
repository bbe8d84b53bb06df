/* SPDX-License-Identifier: MIT */
#include "worker/endpoint.h"

#include <errno.h>

bool
endpoint_is_readable(const struct endpoint *endpoint)
{
	return endpoint->incoming == INCOMING_OPEN ||
	    endpoint->incoming == INCOMING_CUT;
}

bool
endpoint_is_reset(const struct endpoint *endpoint)
{
	return endpoint->outgoing == OUTGOING_CLOSED;
}

void
endpoint_note_cut(struct endpoint *endpoint)
{
	endpoint->outgoing = OUTGOING_CLOSED;
	if (endpoint->incoming == INCOMING_OPEN)
		endpoint->incoming = INCOMING_CUT;
}

void
endpoint_note_error(struct endpoint *endpoint, int error)
{
	switch (error) {
	case 0:
		break;
	case EPIPE:
		endpoint->outgoing = OUTGOING_CLOSED;
		break;
	case ECONNRESET:
		endpoint_note_cut(endpoint);
		break;
	default:
		endpoint->outgoing = OUTGOING_CLOSED;
		endpoint->incoming = INCOMING_BROKEN;
		break;
	}
}

void
endpoint_note_end(struct endpoint *endpoint)
{
	if (endpoint->incoming == INCOMING_OPEN)
		endpoint->incoming = INCOMING_FIN;
	else if (endpoint->incoming == INCOMING_CUT)
		endpoint->incoming = INCOMING_RESET;
}

/* A dead socket with nothing to read returns 0: EAGAIN says that the FIN that
 * EPIPE promised is not there. */
void
endpoint_note_read_error(struct endpoint *endpoint, int error)
{
	if (error != EAGAIN && error != EINTR)
		endpoint_note_error(endpoint, error);
	else if (endpoint->outgoing == OUTGOING_CLOSED)
		endpoint_note_cut(endpoint);
	if (endpoint->incoming == INCOMING_CUT)
		endpoint->incoming = INCOMING_RESET;
}
