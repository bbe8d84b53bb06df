/* SPDX-License-Identifier: MIT */
/* rows.h - the rows of the live view: tunnels, or what those of a client or
 * to a destination are together. -top. Pure but for memory. */

#ifndef TOP_ROWS_H
#define TOP_ROWS_H

#include "base/span.h"

/* As many as /tunnels.json gives. */
enum { ROWS_MAX = 1000 };

enum row_order { ROWS_BY_RATE, ROWS_BY_BYTES, ROWS_BY_AGE };
enum { ROW_ORDERS = ROWS_BY_AGE + 1 };

enum row_group {
	ROWS_ALONE, /* each has a row */
	ROWS_OF_CLIENT, /* address without a port */
	ROWS_TO_DESTINATION, /* name, or address without a port */
};

struct row {
	char client[64];
	char destination[270]; /* name or address, with the port */
	char upstream[64];
	char state[16];
	unsigned count; /* of tunnels */
	double age; /* seconds, of the oldest */
	double sent, received; /* bytes */
	double sent_rate, received_rate; /* a second */
};

/* "rate", "bytes", "age": also what /tunnels.json takes. */
const char *row_order_name(enum row_order order);

/* The answer of /tunnels.json as rows, the first of the order first. Returns
 * their number. */
unsigned rows_read(struct span json, enum row_group group, enum row_order order,
    struct row rows[ROWS_MAX]);

#endif
