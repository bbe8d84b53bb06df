/* SPDX-License-Identifier: MIT */
#include "worker/vanished.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "event/deadlines.h"

/* The answer to a probe sets their number back to 0, so that a second one means
 * that the first had no answer: between probes up to two minutes pass. */
static bool
is_under_way(const struct vanished_facts *facts)
{
	return facts->unacked > 0 || facts->probes >= 2;
}

int64_t
vanished_left_ms(
    int64_t *since_ms, const struct vanished_facts *facts, int64_t now_ms)
{
	int64_t silent_ms;

	if (!is_under_way(facts)) {
		*since_ms = 0;
		return DEADLINE_NEVER;
	}
	if (*since_ms == 0)
		*since_ms = now_ms;
	silent_ms = now_ms - *since_ms;
	if (facts->acked_ms < silent_ms)
		silent_ms = facts->acked_ms;
	return VANISHED_AFTER_MS - silent_ms;
}

int64_t
vanished_check(int fd, int64_t *since_ms, int64_t now_ms)
{
	struct tcp_info info;
	socklen_t length = sizeof info;
	struct vanished_facts facts;

	memset(&info, 0, sizeof info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
		return DEADLINE_NEVER;
	facts = (struct vanished_facts){
		.unacked = info.tcpi_unacked,
		.probes = info.tcpi_probes,
		.acked_ms = info.tcpi_last_ack_recv,
	};
	return vanished_left_ms(since_ms, &facts, now_ms);
}
