/* SPDX-License-Identifier: MIT */
#include "master/stop.h"

#include "base/descriptor.h"
#include "base/log.h"

/* For workers to end what is left, themselves. */
enum { STOP_GRACE_MS = 1000 };

void
stop_begin(struct supervisor *supervisor)
{
	int64_t drain_ms = supervisor->config.drain_timeout_ms;

	if (supervisor->stopping) {
		supervisor->stop_until_ms = supervisor->now_ms;
		return;
	}
	log_notice("stopping, open tunnels have %lld.%03d s",
	    (long long)(drain_ms / 1000), (int)(drain_ms % 1000));
	supervisor->stopping = true;
	supervisor->stop_until_ms =
	    supervisor->now_ms + drain_ms + STOP_GRACE_MS;
	descriptor_close(&supervisor->listener.fd);
	descriptor_close(&supervisor->status_fd);
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		if (child_kinds[child->kind].has_clients)
			child_drain(child, supervisor->awake.now_ms, drain_ms);
		else if (!child_kinds[child->kind].outlives_stop)
			child_kill(child, CHILD_END_STOPPED);
	}
}
