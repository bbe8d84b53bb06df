/* SPDX-License-Identifier: MIT */
/* ends.h - how a tunnel ends: what follows from the two ends, for each of its
 * two streams of bytes, and for both together. Pure. SPEC of ends: a FIN is
 * passed on behind the last byte before it, and the other stream goes on; a RST
 * is passed on behind the bytes before it, while the other stream stops. */

#ifndef ENDS_H
#define ENDS_H

#include <stdbool.h>

#include "worker/endpoint.h"

/* The bytes from a source to a sink. */
enum stream {
	STREAM_MOVING, /* more may come, or is not yet delivered */
	STREAM_FIN_DUE, /* all is delivered but the source's FIN */
	STREAM_FIN_PASSED, /* all is delivered */
	STREAM_RESET_DUE, /* all is delivered; the source was reset */
	STREAM_STOPPED, /* the sink takes no byte: nothing is read for it */
};
enum { STREAMS = STREAM_STOPPED + 1 };

/* What becomes of the tunnel. */
enum ends_verdict {
	ENDS_CONTINUE,
	ENDS_CLOSE, /* both streams are complete: FINs */
	ENDS_RESET, /* RST to both, at once */
	ENDS_RESET_WHEN_ACKED, /* RST behind a FIN that has to arrive first */
};

/* has_unsent: bytes that were read from the source wait for the sink. */
enum stream ends_stream(const struct endpoint *source,
    const struct endpoint *sink, bool has_unsent);

/* One table; it does not matter which stream is which. */
enum ends_verdict ends_verdict(enum stream one, enum stream other);

#endif
