/* SPDX-License-Identifier: MIT */
/* authorization.h - the credentials for a connection's upstream, and what came
 * of them: after refusals, few requests go there (brake.h). */

#ifndef AUTHORIZATION_H
#define AUTHORIZATION_H

#include <stdbool.h>

struct worker;
struct connection;
struct credential;

/* NULL: none are set for this upstream. */
const struct credential *authorization_of(
    const struct worker *worker, const struct connection *connection);

/* Whether the upstream may be asked now. */
bool authorization_lets_pass(
    struct worker *worker, const struct connection *connection);

/* The upstream has answered. */
void authorization_note(struct worker *worker,
    const struct connection *connection, bool was_refused);

#endif
