/* SPDX-License-Identifier: MIT */
/* samples.h - what each connection had moved when it was last looked at, for
 * rates. They are kept while somebody asks for lists of tunnels, and a moment
 * longer: a connection has only the place of its sample. */

#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/lister_state.h"

/* A rate is of at least so long a time, and at most so long a time. */
enum { SAMPLE_MIN_MS = 500, SAMPLE_MAX_MS = 5000 };

void samples_clear(struct samples *samples);

/* False where the connection has a sample here already, or there is no memory
 * for one. */
bool samples_add(
    struct samples *samples, struct connection *connection, int64_t now_ms);

/* Sets both rates by the connection's sample, or by its begin where that was
 * later; 0 where neither is known. */
void samples_rate(const struct samples *samples,
    const struct connection *connection, int64_t now_ms, struct tunnel *tunnel);

#endif
