/* SPDX-License-Identifier: MIT */
/* ends_test.c - what the kernel's answers say of an endpoint, and what follows
 * for the tunnel from the two ends. */

#include "worker/ends.h"

#include <errno.h>
#include <stddef.h>

#include "check.h"

static void
each_answer_of_the_kernel_is_noted(void)
{
	enum { END = -1, READ = 1000 }; /* else an error; READ: of a read */
	static const struct row {
		const char *words;
		int answers[3]; /* 0: no more */
		enum incoming incoming;
		enum outgoing outgoing;
	} rows[] = {
		{ "nothing", { 0 }, INCOMING_OPEN, OUTGOING_OPEN },
		{ "FIN", { END }, INCOMING_FIN, OUTGOING_OPEN },
		{ "RST that a read meets", { READ + ECONNRESET },
		    INCOMING_RESET, OUTGOING_CLOSED },
		{ "RST that a write meets", { ECONNRESET }, INCOMING_CUT,
		    OUTGOING_CLOSED },
		{ "the end behind that RST is no FIN", { ECONNRESET, END },
		    INCOMING_RESET, OUTGOING_CLOSED },
		{ "RST behind a FIN that was read", { END, EPIPE },
		    INCOMING_FIN, OUTGOING_CLOSED },
		{ "RST behind a FIN that is unread", { EPIPE }, INCOMING_OPEN,
		    OUTGOING_CLOSED },
		{ "the end behind that RST is the FIN", { EPIPE, END },
		    INCOMING_FIN, OUTGOING_CLOSED },
		{ "a RST against our FIN, behind its own", { END, ECONNRESET },
		    INCOMING_FIN, OUTGOING_CLOSED },
		{ "no FIN where EPIPE promised one", { EPIPE, READ + EAGAIN },
		    INCOMING_RESET, OUTGOING_CLOSED },
		{ "nothing to read yet", { READ + EAGAIN }, INCOMING_OPEN,
		    OUTGOING_OPEN },
		{ "keepalive gave up", { ETIMEDOUT }, INCOMING_BROKEN,
		    OUTGOING_CLOSED },
		{ "a read that fails otherwise", { READ + EIO },
		    INCOMING_BROKEN, OUTGOING_CLOSED },
		{ "a failure behind a FIN", { END, EHOSTUNREACH },
		    INCOMING_BROKEN, OUTGOING_CLOSED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct endpoint endpoint = { .incoming = INCOMING_OPEN };

		for (size_t n = 0; n < 3 && row->answers[n] != 0; n++) {
			if (row->answers[n] == END)
				endpoint_note_end(&endpoint);
			else if (row->answers[n] >= READ)
				endpoint_note_read_error(
				    &endpoint, row->answers[n] - READ);
			else
				endpoint_note_error(&endpoint, row->answers[n]);
		}
		CHECK_ROW(endpoint.incoming == row->incoming, row->words);
		CHECK_ROW(endpoint.outgoing == row->outgoing, row->words);
	}
}

static const struct stream_row {
	const char *words;
	enum incoming source;
	enum outgoing sink;
	bool has_unsent;
	enum stream stream;
} stream_rows[] = {
	{ "open", INCOMING_OPEN, OUTGOING_OPEN, false, STREAM_MOVING },
	{ "cut, perhaps unread", INCOMING_CUT, OUTGOING_OPEN, false,
	    STREAM_MOVING },
	{ "FIN behind unsent bytes", INCOMING_FIN, OUTGOING_OPEN, true,
	    STREAM_MOVING },
	{ "FIN", INCOMING_FIN, OUTGOING_OPEN, false, STREAM_FIN_DUE },
	{ "FIN passed on", INCOMING_FIN, OUTGOING_FIN, false,
	    STREAM_FIN_PASSED },
	{ "RST behind unsent bytes", INCOMING_RESET, OUTGOING_OPEN, true,
	    STREAM_MOVING },
	{ "RST", INCOMING_RESET, OUTGOING_OPEN, false, STREAM_RESET_DUE },
	{ "broken, whatever is unsent", INCOMING_BROKEN, OUTGOING_OPEN, true,
	    STREAM_RESET_DUE },
	{ "broken, sink reset", INCOMING_BROKEN, OUTGOING_CLOSED, false,
	    STREAM_RESET_DUE },
	{ "sink reset", INCOMING_OPEN, OUTGOING_CLOSED, false, STREAM_STOPPED },
	{ "sink reset, FIN", INCOMING_FIN, OUTGOING_CLOSED, false,
	    STREAM_STOPPED },
	{ "sink reset, unsent bytes", INCOMING_OPEN, OUTGOING_CLOSED, true,
	    STREAM_STOPPED },
	{ "both reset", INCOMING_RESET, OUTGOING_CLOSED, false,
	    STREAM_STOPPED },
};

static void
a_stream_is_what_its_ends_are(void)
{
	for (size_t i = 0; i < sizeof stream_rows / sizeof stream_rows[0];
	     i++) {
		const struct stream_row *row = &stream_rows[i];
		struct endpoint source = { .incoming = (uint8_t)row->source };
		struct endpoint sink = { .outgoing = (uint8_t)row->sink };

		CHECK_ROW(
		    ends_stream(&source, &sink, row->has_unsent) == row->stream,
		    row->words);
	}
}

static void
the_tunnel_ends_when_both_streams_have(void)
{
	static const struct row {
		enum stream one, other;
		enum ends_verdict verdict;
	} rows[] = {
		{ STREAM_MOVING, STREAM_MOVING, ENDS_CONTINUE },
		{ STREAM_MOVING, STREAM_FIN_DUE, ENDS_CONTINUE },
		{ STREAM_MOVING, STREAM_FIN_PASSED, ENDS_CONTINUE },
		{ STREAM_MOVING, STREAM_RESET_DUE, ENDS_RESET },
		{ STREAM_MOVING, STREAM_STOPPED, ENDS_CONTINUE },
		{ STREAM_FIN_DUE, STREAM_FIN_DUE, ENDS_CLOSE },
		{ STREAM_FIN_DUE, STREAM_FIN_PASSED, ENDS_CLOSE },
		{ STREAM_FIN_DUE, STREAM_RESET_DUE, ENDS_RESET },
		{ STREAM_FIN_DUE, STREAM_STOPPED, ENDS_CONTINUE },
		{ STREAM_FIN_PASSED, STREAM_FIN_PASSED, ENDS_CLOSE },
		{ STREAM_FIN_PASSED, STREAM_RESET_DUE, ENDS_RESET },
		{ STREAM_FIN_PASSED, STREAM_STOPPED, ENDS_RESET_WHEN_ACKED },
		{ STREAM_RESET_DUE, STREAM_RESET_DUE, ENDS_RESET },
		{ STREAM_RESET_DUE, STREAM_STOPPED, ENDS_RESET },
		{ STREAM_STOPPED, STREAM_STOPPED, ENDS_RESET },
	};
	unsigned pairs = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];

		CHECK(ends_verdict(row->one, row->other) == row->verdict);
		CHECK(ends_verdict(row->other, row->one) == row->verdict);
		pairs += row->one == row->other ? 1 : 2;
	}
	CHECK(pairs == STREAMS * STREAMS);
}

int
main(void)
{
	RUN(each_answer_of_the_kernel_is_noted);
	RUN(a_stream_is_what_its_ends_are);
	RUN(the_tunnel_ends_when_both_streams_have);
	return check_report();
}
