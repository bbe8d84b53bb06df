/* SPDX-License-Identifier: MIT */
/* child_messages.h - what a child says on its pipe of messages. Trusts no byte
 * of it: a child that writes what its kind must not is killed. Lines of the log
 * are passed on to log_relay.h. Master only. */

#ifndef CHILD_MESSAGES_H
#define CHILD_MESSAGES_H

#include <stdbool.h>

#include "ipc/message.h"
#include "master/child.h"

/* Reads once; false where nothing came. All messages that came are to be taken
 * before the next call. */
bool child_messages_read(struct child *child);

/* Takes the next message that is no line of the log; false where there is
 * none. */
bool child_messages_next(struct child *child, struct message *message);

#endif
