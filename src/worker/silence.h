/* SPDX-License-Identifier: MIT */
/* silence.h - addresses of upstreams that do not answer: a worker that finds
 * one tells the others, by the master, so that none of their clients has to
 * wait for it, too. What another worker says only changes the order in which
 * addresses are tried, and only until the address has answered this worker: a
 * worker that was taken over delays nobody. */

#ifndef SILENCE_H
#define SILENCE_H

#include <stdint.h>

#include "ipc/message.h"

struct watch;
struct worker;

/* This worker gave up its dial to that address of the upstream with that index.
 * Those that dial the same address hear of it, too. */
void silence_found(struct worker *worker, unsigned index, unsigned address);

/* Another worker says so of these addresses. */
void silence_heard(
    struct worker *worker, const struct message_addresses *silent);

/* Events of a check's socket. */
void silence_step(struct worker *worker, struct watch *watch, uint32_t events);

/* When a check is due; DEADLINE_NEVER: none runs. */
int64_t silence_due_ms(const struct worker *worker);

/* What is due. */
void silence_run(struct worker *worker);

void silence_close(struct worker *worker);

#endif
