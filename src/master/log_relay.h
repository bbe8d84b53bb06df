/* SPDX-License-Identifier: MIT */
/* log_relay.h - the log's lines of children, from their messages and their
 * standard errors, on their way to the sink. Trusts no byte. Master only. */

#ifndef LOG_RELAY_H
#define LOG_RELAY_H

#include "ipc/message.h"
#include "master/child.h"

/* A line beyond the child's quota is dropped and counted. */
void log_relay_line(struct child *child, const struct message_line *line);

/* Logs how many lines were dropped, if the quota has room for that. */
void log_relay_loss(struct child *child);

/* Reads once from the child's standard error; each line becomes an error. False
 * where nothing came. */
bool log_relay_read_stderr(struct child *child);

/* The line that has no end as yet: the child is dead. */
void log_relay_end_stderr(struct child *child);

#endif
