/* SPDX-License-Identifier: MIT */
/* slow_upstreams.h - the warning that connections and requests wait long for an
 * upstream, and the notice that this is over. Master only. */

#ifndef SLOW_UPSTREAMS_H
#define SLOW_UPSTREAMS_H

#include <stdint.h>

#include "master/children.h"
#include "master/upstreams.h"

/* By upstream: the warning has been logged. All bytes 0: none. */
struct slow_upstreams {
	unsigned generation; /* of the upstreams */
	bool is_slow[UPSTREAMS_MAX];
};

/* To be called at each tick. */
void slow_upstreams_tick(struct slow_upstreams *slow,
    const struct children *children, const struct upstreams *upstreams,
    int64_t now_ms);

#endif
