#include "worker/dial.h"

#include <assert.h>
#include <stddef.h>

#include "worker/upstream.h"

const struct address *
dial_next(struct dial *dial, const struct upstream *upstream, int64_t now_ms)
{
	const struct upstream_addresses *known = &upstream->addresses;

	if (dial->attempts >= known->count || now_ms >= dial->until_ms)
		return NULL;
	if (dial->attempts == 0)
		dial->first = upstream->preferred;
	return &known->list[(dial->first + dial->attempts++) % known->count];
}

int64_t
dial_give_up_ms(
    const struct dial *dial, const struct upstream *upstream, int64_t now_ms)
{
	unsigned left = upstream->addresses.count - dial->attempts + 1;

	assert(dial->attempts > 0 && left > 0);
	return now_ms + (dial->until_ms - now_ms + left - 1) / left;
}
