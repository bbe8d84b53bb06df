/* SPDX-License-Identifier: MIT */
/* log_relay.h - the log's lines of children, from their messages and their
 * standard errors, on their way to the sink. Trusts no byte. Master only. */

#ifndef LOG_RELAY_H
#define LOG_RELAY_H

#include "ipc/message.h"
#include "master/children.h"

/* A line beyond the child's quota is dropped and counted. */
void log_relay_line(struct child *child, const struct message_line *line);

/* Logs how many lines were dropped, if the quota has room for that. */
void log_relay_loss(struct child *child);

/* Reads once from the child's standard error; each line becomes an error. False
 * where nothing came. */
bool log_relay_read_stderr(struct child *child);

/* The child is dead: the line that has no end as yet, and the lines that were
 * dropped. */
void log_relay_end(struct child *child);

/* How many lines these children have dropped before they came here. */
uint64_t log_relay_dropped(const struct children *children);

/* The child is dead, and forgotten: what it has dropped, and what a log writer
 * has left in its pipe, is counted by the sink. */
void log_relay_bury(struct child *child);

#endif
