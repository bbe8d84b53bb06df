/* SPDX-License-Identifier: MIT */
/* listing.h - one list of tunnels that the status process has asked all workers
 * for: it waits for their answers, and not for long. Status process. */

#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "status/tunnels_json.h"

struct listing {
	struct shared_area lists; /* readable, or none */
	struct tunnel_request request; /* number 0: nobody is asked */
	uint32_t last_number;
	int64_t until_ms; /* workers that have not answered are left out */
	struct tunnels tunnels;
};

void listing_init(
    struct listing *listing, struct shared_area lists, int64_t now_ms);

/* Nobody is asked: asks, with limit and order of the request. False where that
 * is not possible now. */
bool listing_begin(struct listing *listing,
    const struct tunnel_request *request, int64_t now_ms);

/* What a worker has listed, as the master says. True where no other answer is
 * to come. */
bool listing_take(struct listing *listing, const struct tunnel_answer *answer);

static inline bool
listing_is_under_way(const struct listing *listing)
{
	return listing->request.number != 0;
}

/* All have answered, or the time is over: sorts what has come. */
void listing_finish(struct listing *listing);

/* Whether the finished list has the answer to this request. */
bool listing_answers(
    const struct listing *listing, const struct tunnel_request *request);

/* Nobody is asked from then on. */
void listing_end(struct listing *listing);

#endif
