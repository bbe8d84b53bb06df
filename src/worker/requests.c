/* SPDX-License-Identifier: MIT */
#include "worker/requests.h"

#include <assert.h>
#include <stddef.h>

#include "event/deadlines.h"

int64_t
requests_oldest_ms(const struct requests *requests)
{
	return requests->oldest != NULL ? requests->oldest->asked_ms
					: DEADLINE_NEVER;
}

static void
publish(const struct requests *requests, struct upstream_counters *counters)
{
	if (requests->oldest != NULL)
		counter_set(
		    &counters->oldest_ms, (uint32_t)requests->oldest->asked_ms);
	counter_set(&counters->waiting, requests->count);
}

void
requests_add(struct requests *requests, struct request *request,
    struct upstream_counters *counters, int64_t now_ms)
{
	assert(!request->is_waiting);
	request->is_waiting = true;
	request->asked_ms = now_ms;
	request->previous = requests->youngest;
	request->next = NULL;
	if (requests->youngest != NULL)
		requests->youngest->next = request;
	else
		requests->oldest = request;
	requests->youngest = request;
	requests->count++;
	publish(requests, counters);
}

void
requests_remove(struct requests *requests, struct request *request,
    struct upstream_counters *counters)
{
	if (!request->is_waiting)
		return;
	assert(requests->count > 0);
	request->is_waiting = false;
	if (request->previous != NULL)
		request->previous->next = request->next;
	else
		requests->oldest = request->next;
	if (request->next != NULL)
		request->next->previous = request->previous;
	else
		requests->youngest = request->previous;
	requests->count--;
	publish(requests, counters);
}
