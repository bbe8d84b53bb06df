/* dial.h - the upstream's addresses in turn: which one a connection tries next,
 * beginning with the one that answered last, and how long it may take. No I/O.
 */

#ifndef DIAL_H
#define DIAL_H

#include <stdbool.h>
#include <stdint.h>

struct address;
struct upstream;

/* All bytes 0: no address has been tried. */
struct dial {
	int64_t until_ms; /* all attempts together */
	unsigned first; /* index of the first address */
	unsigned attempts; /* addresses tried */
	bool no_local_port; /* was the cause for an IPv4 address */
};

/* The next address to try, or NULL: all have been tried, or the time is over.
 */
const struct address *dial_next(
    struct dial *dial, const struct upstream *upstream, int64_t now_ms);

/* When the attempt that was begun now has to be given up: an equal share of the
 * time that is left, for each address that is left. */
int64_t dial_give_up_ms(
    const struct dial *dial, const struct upstream *upstream, int64_t now_ms);

#endif
