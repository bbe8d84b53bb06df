/* SPDX-License-Identifier: MIT */
#include "master/tunnel_lists.h"

/* A worker lets as much time pass between two lists anyway, for the sake of
 * their rates: an honest status process does not wait longer for this. */
enum { PAUSE_MS = 500 };

static unsigned
count_asked(const struct children *children)
{
	unsigned count = 0;

	for (const struct child *child = children->first; child != NULL;
	     child = child->next)
		count += child_kinds[child->kind].has_clients &&
		    child->list_number != 0;
	return count;
}

/* Who has asked last. Where its pipe is full, it gives up by itself. */
static void
tell_status(const struct children *children, struct tunnel_answer answer)
{
	struct message message = { .kind = MESSAGE_LISTED, .listed = answer };

	message.listed.left = count_asked(children);
	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->kind == CHILD_STATUS &&
		    child->list_number == answer.number)
			child_tell(child, &message);
	}
}

/* Where nothing can be said of a worker's list. */
static void
tell_status_of_none(const struct children *children, uint32_t number)
{
	tell_status(children,
	    (struct tunnel_answer){ .number = number, .list = TUNNEL_LISTS });
}

void
tunnel_lists_want(struct tunnel_lists *lists, struct child *status,
    const struct tunnel_request *request)
{
	status->list_number = request->number;
	lists->wanted = *request;
}

void
tunnel_lists_ask(
    struct tunnel_lists *lists, struct children *children, int64_t now_ms)
{
	const struct message message = {
		.kind = MESSAGE_LIST,
		.list = lists->wanted,
	};

	if (now_ms < tunnel_lists_due_ms(lists))
		return;
	lists->wanted.number = 0;
	lists->ask_from_ms = now_ms + PAUSE_MS;
	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (!child_kinds[child->kind].has_clients)
			continue;
		child->list_number = child->client_table < TUNNEL_LISTS &&
			child_tell(child, &message)
		    ? message.list.number
		    : 0;
	}
	if (count_asked(children) == 0)
		tell_status_of_none(children, message.list.number);
}

int64_t
tunnel_lists_due_ms(const struct tunnel_lists *lists)
{
	return lists->wanted.number == 0 ? INT64_MAX : lists->ask_from_ms;
}

void
tunnel_lists_answer(struct children *children, struct child *worker,
    const struct tunnel_answer *answer)
{
	struct tunnel_answer known = {
		.number = answer->number,
		.count = answer->count,
		.worker = worker->number,
		.list = worker->client_table,
	};

	if (worker->list_number == 0 || worker->list_number != answer->number)
		return; /* it is late */
	worker->list_number = 0;
	tell_status(children, known);
}

void
tunnel_lists_forget(struct children *children, struct child *child)
{
	uint32_t number = child->list_number;

	child->list_number = 0;
	if (number != 0 && child->kind != CHILD_STATUS)
		tell_status_of_none(children, number);
}
