#include "worker/upstream.h"

#include "ipc/master_pipe.h"

enum { LOOKUP_PAUSE_MS = 1000 };

void
upstream_take(
    struct upstream *upstream, const struct upstream_addresses *addresses)
{
	upstream->addresses = *addresses;
	upstream->preferred = 0;
}

bool
upstream_has(const struct upstream *upstream, const struct address *address)
{
	return upstream_addresses_has(&upstream->addresses, address);
}

void
upstream_prefer(struct upstream *upstream, const struct address *address)
{
	for (unsigned i = 0; i < upstream->addresses.count; i++) {
		if (address_equal(&upstream->addresses.list[i], address))
			upstream->preferred = i;
	}
}

void
upstream_want_lookup(struct upstream *upstream, int64_t now_ms)
{
	if (now_ms < upstream->lookup_from_ms)
		return;
	upstream->lookup_from_ms = now_ms + LOOKUP_PAUSE_MS;
	master_pipe_lookup(upstream->index);
}
