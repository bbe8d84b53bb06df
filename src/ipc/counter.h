/* SPDX-License-Identifier: MIT */
/* counter.h - numbers that one process writes and another reads: in a worker's
 * page of counters. Relaxed atomics. Any process. */

#ifndef COUNTER_H
#define COUNTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* 64 bits in two halves, because not every machine has an atomic of 64. */
struct counter {
	_Atomic uint32_t low;
	_Atomic uint32_t high;
};

void counter_add(struct counter *counter, uint64_t amount);
uint64_t counter_read(struct counter *counter);

/* For the one writer; plain adding would be an interlocked one. */
void counter_step(_Atomic uint32_t *value, int32_t amount);
void counter_set(_Atomic uint32_t *value, uint32_t number);
uint32_t counter_now(_Atomic uint32_t *value);

/* A part that changes as a whole: `changes` is odd while it does. */
void counter_begin_change(_Atomic uint32_t *changes);
void counter_end_change(_Atomic uint32_t *changes);

/* The reader begins, reads, and asks whether what it read was whole. */
uint32_t counter_begin_read(_Atomic uint32_t *changes);
bool counter_was_whole(_Atomic uint32_t *changes, uint32_t begun);

#endif
