/* SPDX-License-Identifier: MIT */
/* answer.h - the answer to one request: a head and a body, made whole before
 * the first byte is sent. Status process. */

#ifndef STATUS_ANSWER_H
#define STATUS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/snapshot_page.h"
#include "status/output.h"
#include "status/request.h"
#include "status/tunnels_json.h"

enum { ANSWER_HEAD_SIZE = 640 };

struct answer {
	char head[ANSWER_HEAD_SIZE]; /* of an error also its few words */
	size_t head_length;
	struct output body; /* owned */
	size_t sent; /* of both */
};

/* *request is looked at where the verdict is GOOD. */
void answer_make(struct answer *answer, enum request_verdict verdict,
    const struct request *request, struct snapshot_page *page);
/* A list of tunnels, `limit` at most; NULL: there is none now. */
void answer_make_tunnels(struct answer *answer, const struct tunnels *tunnels,
    unsigned limit, bool has_body);
void answer_clear(struct answer *answer);

enum answer_progress {
	ANSWER_SENT, /* all of it */
	ANSWER_WAITS, /* until the socket is writable */
	ANSWER_FAILED, /* the peer is gone */
};
enum answer_progress answer_send(struct answer *answer, int fd);

#endif
