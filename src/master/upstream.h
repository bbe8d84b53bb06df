/* upstream.h - where the upstream is: its addresses come from the configuration
 * or, where that has a name, from the resolver process. Master only. */

#ifndef UPSTREAM_H
#define UPSTREAM_H

#include <stdbool.h>

#include "master/supervisor.h"

/* The configuration is new: takes the address from it, if it has one. */
void upstream_configure(struct supervisor *supervisor);

bool upstream_needs_resolver(const struct supervisor *supervisor);

/* Asks the resolver to look the name up, now or when the last time is a second
 * ago; upstream_tend() is for that moment. */
void upstream_lookup(struct supervisor *supervisor);
void upstream_tend(struct supervisor *supervisor);

/* Tells the worker the addresses, if it has to know them and does not. */
void upstream_tell(const struct supervisor *supervisor, struct child *worker);

/* The resolver has written. */
void upstream_take_answer(
    struct supervisor *supervisor, struct child *resolver);

#endif
