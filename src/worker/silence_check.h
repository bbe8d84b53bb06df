/* SPDX-License-Identifier: MIT */
/* silence_check.h - whether an address of an upstream, of which another worker
 * says that it does not answer, answers this one: a connect(2), and nothing
 * sent. One at a time for each upstream. */

#ifndef SILENCE_CHECK_H
#define SILENCE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "event/socket_set.h"

struct silence_check {
	struct watch watch; /* owns its socket; -1: no check runs */
	struct address address;
	int64_t until_ms;
};

enum silence_verdict {
	SILENCE_CHECKED_LATER, /* the check runs */
	SILENCE_BROKEN, /* the address answers, if only by a refusal */
	SILENCE_HOLDS, /* it does not, or this host had no socket to ask */
};

/* No check runs. */
enum silence_verdict silence_check_begin(struct silence_check *check,
    struct socket_set *sockets, const struct address *address, int64_t now_ms);

/* Its socket has events. */
enum silence_verdict silence_check_step(
    struct silence_check *check, uint32_t events);

/* DEADLINE_NEVER if it does not run; from then on the silence holds. */
int64_t silence_check_due_ms(const struct silence_check *check);

void silence_check_close(struct silence_check *check);

#endif
