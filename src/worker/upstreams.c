#include "worker/upstreams.h"

#include "ipc/log_pipe.h"

enum { LOOKUP_PAUSE_MS = 1000 };

void
upstreams_take(
    struct upstreams *upstreams, const struct upstream_addresses *addresses)
{
	upstreams->addresses = *addresses;
	upstreams->preferred = 0;
}

bool
upstreams_has(const struct upstreams *upstreams, const struct address *address)
{
	for (unsigned i = 0; i < upstreams->addresses.count; i++) {
		if (address_equal(&upstreams->addresses.list[i], address))
			return true;
	}
	return false;
}

void
upstreams_prefer(struct upstreams *upstreams, const struct address *address)
{
	for (unsigned i = 0; i < upstreams->addresses.count; i++) {
		if (address_equal(&upstreams->addresses.list[i], address))
			upstreams->preferred = i;
	}
}

void
upstreams_want_lookup(struct upstreams *upstreams, int64_t now_ms)
{
	if (now_ms < upstreams->lookup_from_ms)
		return;
	upstreams->lookup_from_ms = now_ms + LOOKUP_PAUSE_MS;
	log_pipe_signal(LOG_RECORD_LOOKUP);
}
