/* original_destination.h - where a redirected client wanted to go, and whether
 * connections to that destination are allowed. */

#ifndef ORIGINAL_DESTINATION_H
#define ORIGINAL_DESTINATION_H

#include "base/address.h"
#include "ipc/counters.h"

struct worker;

/* Why a connection is closed, either right after accept or once the addresses
 * of the upstream are known. */
struct destination_refusal {
	enum failure failure;
	const char *words;
	const char *cause;
};

/* Asks conntrack (SO_ORIGINAL_DST) for the destination of the accepted socket.
 * NULL if it is allowed, otherwise why not. *destination is set, to AF_UNSPEC
 * where it is unknown. */
const struct destination_refusal *original_destination_get(
    struct worker *worker, int fd, struct address *destination);

/* The refusal of a destination that is the upstream itself, for when its
 * addresses were not known at accept; NULL if it is not. */
const struct destination_refusal *original_destination_loop(
    const struct worker *worker, const struct address *destination);

#endif
