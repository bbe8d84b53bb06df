/* SPDX-License-Identifier: MIT */
#include "status/listing.h"

#include <stdatomic.h>

#include "ipc/master_pipe.h"

/* More than a second for the first rates. */
enum { ANSWERS_MAX_MS = 3000 };

/* The numbers of a predecessor's requests are others. */
void
listing_init(struct listing *listing, struct shared_area lists, int64_t now_ms)
{
	*listing = (struct listing){
		.lists = lists,
		.last_number = (uint32_t)now_ms,
	};
}

bool
listing_begin(struct listing *listing, const struct tunnel_request *request,
    int64_t now_ms)
{
	if (listing->lists.readable == NULL ||
	    !tunnels_begin(&listing->tunnels, request))
		return false;
	if (++listing->last_number == 0)
		listing->last_number = 1;
	listing->request = *request;
	listing->request.number = listing->last_number;
	listing->until_ms = now_ms + ANSWERS_MAX_MS;
	if (master_pipe_list(&listing->request))
		return true;
	listing_end(listing);
	return false;
}

bool
listing_take(struct listing *listing, const struct tunnel_answer *answer)
{
	struct tunnel tunnel;

	if (!listing_is_under_way(listing) ||
	    answer->number != listing->request.number)
		return false;
	atomic_thread_fence(memory_order_acquire);
	for (unsigned i = 0; i < answer->count && answer->list < TUNNEL_LISTS;
	     i++) {
		if (tunnel_list_read(&listing->lists, answer->list, i, &tunnel))
			tunnels_add(&listing->tunnels, answer->worker, &tunnel);
	}
	return answer->left == 0;
}

void
listing_finish(struct listing *listing)
{
	tunnels_sort(&listing->tunnels);
}

bool
listing_answers(
    const struct listing *listing, const struct tunnel_request *request)
{
	return request->order == listing->request.order &&
	    request->limit <= listing->request.limit;
}

void
listing_end(struct listing *listing)
{
	tunnels_clear(&listing->tunnels);
	listing->request.number = 0;
}
