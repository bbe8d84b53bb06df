/* SPDX-License-Identifier: MIT */
/* advice.h - what the counted kinds mean, and what to do about each, in words
 * for whoever looks at the status. Plain ASCII, a sentence or two. Pure. */

#ifndef ADVICE_H
#define ADVICE_H

#include "ipc/outcome.h"

struct advice {
	const char *what; /* begins with a small letter */
	const char *to_do;
};

struct advice advice_on_failure(enum failure failure);

/* Of an index of refusal_index(). */
struct advice advice_on_refusal(unsigned index);

/* A state of connections, as an index of a snapshot's states. */
const char *advice_state(unsigned state);

/* How connections ended that were tunnels or relayed requests. */
const char *advice_result(enum connection_result result);

/* How the look for a host's name ended. */
const char *advice_sniff(enum sniff_outcome outcome);

#endif
