/* SPDX-License-Identifier: MIT */
/* master_pipe.h - what a child says to the master: its log, its state, its
 * answers. Never waits. A line that does not fit is dropped and counted; a
 * state that cannot be sent now is sent as soon as there is room. */

#ifndef MASTER_PIPE_H
#define MASTER_PIPE_H

#include <stdbool.h>

#include "base/log.h"
#include "ipc/log_counts.h"
#include "ipc/message.h"

/* From now on the log verbs write to fd. Lines that find no room are counted.
 * Both stay the caller's. */
void master_pipe_open(int fd, enum log_level max, struct log_counts *counts);

/* A message without a payload, such as MESSAGE_FULL; it arrives, if late. */
void master_pipe_state(enum message_kind kind);

/* The upstream's addresses have all failed. This arrives, if late. */
void master_pipe_lookup(unsigned upstream);

/* False where there is no room: it is not sent later. */
bool master_pipe_addresses(const struct message_addresses *addresses);

/* These addresses do not answer. Not sent later either: the next connection
 * that waits for one says it again. */
void master_pipe_silent(const struct message_addresses *addresses);

/* The list of tunnels is wanted, or made. False where there is no room: it is
 * not sent later. */
bool master_pipe_list(const struct tunnel_request *request);
bool master_pipe_listed(const struct tunnel_answer *answer);

/* Sends what is late; false while there is no room for it. To be called now
 * and then. */
bool master_pipe_catch_up(void);

#endif
