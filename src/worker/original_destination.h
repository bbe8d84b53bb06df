/* original_destination.h - where a redirected client wanted to go, and
 * whether anybody is taken there. */

#ifndef ORIGINAL_DESTINATION_H
#define ORIGINAL_DESTINATION_H

#include "base/address.h"
#include "ipc/counters.h"

struct worker;

/* Why a connection is closed, right after accept or once the upstream's
 * addresses are known. */
struct destination_refusal {
	enum failure failure;
	const char *words;
	const char *cause;
};

/* Asks conntrack (SO_ORIGINAL_DST) for the destination of the accepted
 * socket. NULL if it is one to relay to; else why not, and *destination is
 * set as far as it is known (AF_UNSPEC: not at all). */
const struct destination_refusal *original_destination_get(
    struct worker *worker, int fd, struct address *destination);

/* The same refusal for a destination that turns out to be the upstream once
 * the upstream's addresses are known; NULL if it is not. */
const struct destination_refusal *original_destination_loop(
    const struct worker *worker, const struct address *destination);

#endif
