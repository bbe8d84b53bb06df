/* log_relay.h - the log's lines of children, from their messages and their
 * standard errors, on their way to the sink. Trusts no byte. Master only. */

#ifndef LOG_RELAY_H
#define LOG_RELAY_H

#include "ipc/message.h"
#include "master/child.h"

void log_relay_line(struct child *child, const struct message_line *line);

/* Reads once from the child's standard error; each line becomes an error. False
 * where nothing came. */
bool log_relay_read_stderr(struct child *child);

/* The line that has no end as yet: the child is dead. */
void log_relay_end_stderr(struct child *child);

#endif
