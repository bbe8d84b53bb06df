/* SPDX-License-Identifier: MIT */
/* request.h - reads the head of a request to the status process. Pure: looks at
 * the bytes it is given, allocates nothing, calls no system. RFC 9112 */

#ifndef STATUS_REQUEST_H
#define STATUS_REQUEST_H

#include <stdbool.h>

#include "base/span.h"

/* The longest head, with the empty line at its end. */
enum { REQUEST_HEAD_MAX = 4096 };

/* Beside MORE, the status of the answer. */
enum request_verdict {
	REQUEST_MORE = 0, /* the head is not whole */
	REQUEST_GOOD = 200,
	REQUEST_MALFORMED = 400,
	REQUEST_FOREIGN_HOST = 403, /* the name of a site, by DNS rebinding */
	REQUEST_OTHER_METHOD = 405, /* neither GET nor HEAD */
	REQUEST_TOO_LONG = 431,
	REQUEST_OTHER_VERSION = 505, /* not HTTP/1.x */
};

/* The spans point into the head. */
struct request {
	bool is_head; /* its answer has no body */
	bool accepts_html;
	struct span path; /* begins with a slash; not decoded */
	struct span query; /* behind the question mark; may be empty */
};

/* What is wrong is said as soon as it can be seen. After MORE it is to be
 * called with the same bytes and those that follow. *request is set where the
 * verdict is GOOD. */
enum request_verdict request_parse(struct span bytes, struct request *request);

#endif
