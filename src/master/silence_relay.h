/* SPDX-License-Identifier: MIT */
/* silence_relay.h - what one worker finds out about addresses of upstreams that
 * do not answer, for the others, and for those that come after it. The master
 * believes nothing of it: each worker checks what it is told. Master only. */

#ifndef SILENCE_RELAY_H
#define SILENCE_RELAY_H

#include <stdint.h>

#include "master/upstreams.h"

/* The worker says that these addresses do not answer. False where no worker of
 * ours says so: there is no such upstream. */
bool silence_relay_take(struct upstreams *upstreams,
    const struct children *children, const struct child *worker,
    const struct message_addresses *silent, int64_t now_ms);

/* Tells the worker of those that it has not been told of, if its upstreams are
 * of this generation. After the interval nothing is known any more. */
void silence_relay_tell(const struct upstreams *upstreams, struct child *worker,
    int64_t now_ms, int64_t interval_ms);

#endif
