/* SPDX-License-Identifier: MIT */
#include "worker/ends.h"

enum stream
ends_stream(
    const struct endpoint *source, const struct endpoint *sink, bool has_unsent)
{
	if (source->incoming == INCOMING_BROKEN)
		return STREAM_RESET_DUE;
	if (sink->outgoing == OUTGOING_CLOSED)
		return STREAM_STOPPED;
	if (has_unsent || endpoint_is_readable(source))
		return STREAM_MOVING;
	if (source->incoming == INCOMING_RESET)
		return STREAM_RESET_DUE;
	return sink->outgoing == OUTGOING_FIN ? STREAM_FIN_PASSED
					      : STREAM_FIN_DUE;
}

/* A row for each state of the slower stream; the upper half mirrors it. A FIN
 * that is due beside a stream that moves on is held (-half-close). */
enum ends_verdict
ends_verdict(enum stream one, enum stream other)
{
	static const unsigned char table[STREAMS][STREAMS] = {
		[STREAM_MOVING] = { ENDS_CONTINUE },
		[STREAM_FIN_DUE] = { ENDS_CONTINUE, ENDS_CLOSE },
		[STREAM_FIN_PASSED] = { ENDS_CONTINUE, ENDS_CLOSE, ENDS_CLOSE },
		[STREAM_RESET_DUE] = { ENDS_RESET, ENDS_RESET, ENDS_RESET,
		    ENDS_RESET },
		[STREAM_STOPPED] = { ENDS_CONTINUE, ENDS_CONTINUE,
		    ENDS_RESET_WHEN_ACKED, ENDS_RESET, ENDS_RESET },
	};

	return one >= other ? table[one][other] : table[other][one];
}
