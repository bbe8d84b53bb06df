/* SPDX-License-Identifier: MIT */
/* spread.h - highest-random-weight hashing: which upstream a client is spread
 * to. Each client weighs each upstream, and goes by the heaviest of those that
 * are up: all workers agree without a word, and when an upstream goes only its
 * clients move. Pure: no system calls, no allocation. Not for secrets: who
 * knows the names can work out the weights. */

#ifndef SPREAD_H
#define SPREAD_H

#include <stdint.h>

#include "base/span.h"

/* Of a client's address, or of an upstream's name and port. */
uint64_t spread_hash(struct span bytes);

/* How much the client likes the upstream. */
uint64_t spread_weight(uint64_t client_hash, uint64_t upstream_hash);

#endif
