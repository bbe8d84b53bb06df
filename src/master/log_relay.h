/* log_relay.h - what children say: reads their log pipes and standard errors,
 * bounded at each turn, trusts no byte, and hands lines to the sink. Master
 * only. */

#ifndef LOG_RELAY_H
#define LOG_RELAY_H

#include "master/child.h"

/* What a child said besides lines for the log. */
struct child_messages {
	bool accepts; /* first sign of life of its loop */
	bool drains; /* somebody sent it a TERM */
	bool wants_lookup;
	bool bad_message; /* wrote what no child of ours writes */
};

/* Reads once from the child's log pipe. */
void log_relay_read(struct child *child, struct child_messages *messages);

/* Reads once from its standard error; each line becomes an error. */
void log_relay_read_stderr(struct child *child);

/* All that a dead child has left in both pipes, within reason. */
void log_relay_finish(struct child *child, struct child_messages *messages);

#endif
