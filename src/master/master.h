/* master.h - the master process: starts everything in an order that can be
 * read at a glance, then supervises. It reads no byte from the network. */

#ifndef MASTER_H
#define MASTER_H

#include "ipc/role.h"
#include "master/reload.h"

/* Runs until it is told to stop; the exit status. Forked children call the
 * roles instead. */
int master_run(const struct config *config, const struct invocation *invocation,
    role_main *worker_main, role_main *resolver_main);

/* -check: what a start would find wrong beyond the options themselves. */
int master_check(const struct config *config);

#endif
