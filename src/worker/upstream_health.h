/* SPDX-License-Identifier: MIT */
/* upstream_health.h - which upstreams are down, for this worker: the evidence,
 * the probes, and the way back. An upstream that is alone in all of its lists
 * is never down, and never probed. */

#ifndef UPSTREAM_HEALTH_H
#define UPSTREAM_HEALTH_H

#include <stdint.h>

struct watch;
struct worker;

/* A dial has failed, by all addresses: the upstream is down. */
void upstream_health_dial_failed(
    struct worker *worker, unsigned index, const char *cause);

/* EOF, RST or garbage came in place of an answer: a probe decides. */
void upstream_health_suspect(struct worker *worker, unsigned index);

/* A request has been sent: if it waits for long while nothing comes from the
 * upstream, a probe decides. */
void upstream_health_expect(struct worker *worker, unsigned index);

/* Bytes came from the upstream, or from an origin by a tunnel through it. */
void upstream_health_heard(struct worker *worker, unsigned index);

/* Events of a probe's socket. */
void upstream_health_step(
    struct worker *worker, struct watch *watch, uint32_t events);

/* What is due at worker->health.due_ms. */
void upstream_health_run(struct worker *worker);

void upstream_health_close(struct worker *worker);

#endif
