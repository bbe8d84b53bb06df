/* upstream.h - where the upstream is: its addresses come from the configuration
 * or, where that has a name, from the resolver process. Master only. */

#ifndef UPSTREAM_H
#define UPSTREAM_H

#include <stdbool.h>

#include "master/supervisor.h"

/* Takes the address from the configuration, if it has one. */
void upstream_configure(struct supervisor *supervisor);

/* The configuration is new. Where the upstream's port alone is another one, its
 * addresses stay known. */
void upstream_change(
    struct supervisor *supervisor, const struct config_upstream *before);

bool upstream_needs_resolver(const struct supervisor *supervisor);

/* Asks the resolver to look the name up, now or when the last time is a second
 * ago; upstream_ask_resolver() is for that moment. */
void upstream_lookup(struct supervisor *supervisor);
void upstream_ask_resolver(struct supervisor *supervisor);

/* Tells the worker the addresses, if they are those of its upstream and it
 * does not know them. One that drains may have connections that wait. */
void upstream_tell(const struct supervisor *supervisor, struct child *worker);

/* The resolver has written. */
void upstream_take_answer(
    struct supervisor *supervisor, struct child *resolver);

#endif
