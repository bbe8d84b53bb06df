/* SPDX-License-Identifier: MIT */
#include "master/child_messages.h"

#include "master/children.h"
#include "master/log_relay.h"

bool
child_messages_read(struct child *child)
{
	int filled;

	if (child->messages_fd == -1)
		return false;
	filled = message_fill(&child->reader, child->messages_fd);
	if (filled == 0) {
		children_close_messages(child);
		child_kill_mute(child);
	}
	return filled == 1;
}

bool
child_messages_next(struct child *child, struct message *message)
{
	enum message_verdict verdict;

	while ((verdict = message_next(&child->reader, MESSAGE_UP, message)) ==
	    MESSAGE_WHOLE) {
		if ((child_kinds[child->kind].sends & 1U << message->kind) == 0)
			break;
		if (message->kind != MESSAGE_LINE)
			return true;
		log_relay_line(child, &message->line);
	}
	if (verdict == MESSAGE_PARTIAL)
		return false;
	children_close_messages(child);
	child_kill_rogue(child);
	return false;
}
