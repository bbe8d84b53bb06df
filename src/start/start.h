/* SPDX-License-Identifier: MIT */
/* start.h - everything that may need root, in one straight function that runs
 * once, before the first fork of a child. Nothing after it needs root. */

#ifndef START_H
#define START_H

#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"
#include "master/oom_score.h"
#include "start/status_socket.h"

/* What the start has opened, for the rest of the run. */
struct start {
	int listener_fd;
	bool lacks_ipv6; /* and -local-address is `::` */
	int pid_file_fd; /* -1: no -pid-file */
	struct status_socket status_socket;
	struct oom_score oom_score;
};

/* With -daemon this returns in the background. The log is open, the signals
 * are caught, root is gone, and the caller's terminal is free when it returns
 * true. False with one line in *error; start_end() is to be called all the
 * same. */
bool start_run(
    struct start *start, const struct config *config, struct text *error);

/* Empties the pid file and removes the status socket. The listeners are the
 * master's by now. */
void start_end(struct start *start, const struct config *config);

/* -check: what a start would find wrong beyond the options themselves. */
bool start_check(const struct config *config, struct text *error);

#endif
