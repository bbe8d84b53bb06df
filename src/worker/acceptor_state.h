/* SPDX-License-Identifier: MIT */
/* acceptor_state.h - what the acceptor remembers from one turn to the next. */

#ifndef ACCEPTOR_STATE_H
#define ACCEPTOR_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct connection;

struct acceptor {
	struct connection *spare; /* owned: the next client's, or NULL */
	bool full; /* the master was told: at the limit */
	bool out_of_resources; /* logged: no descriptor, no memory */
	int64_t retry_ms; /* when that may have changed */
	int64_t duty_from_ms; /* its next duty slot */
};

#endif
