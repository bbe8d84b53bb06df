/* SPDX-License-Identifier: MIT */
/* asker.h - the threads that call getaddrinfo(3), which blocks: one for each
 * family, so that a name server which is silent about one of them delays
 * nothing of the other. They share nothing: a question and an answer are each
 * written to a pipe at once. Resolver only. */

#ifndef ASKER_H
#define ASKER_H

#include <stdbool.h>

#include "config/upstream_list.h"
#include "resolver/lookup.h"

/* Starts a thread that answers each question with a struct lookup_result on
 * answers_fd. *upstream stays the caller's, and as it is. Returns where
 * questions go, or -1 with errno. */
int asker_start(enum lookup_family family,
    const struct config_upstream *upstream, int answers_fd);

bool asker_ask(int questions_fd);

#endif
