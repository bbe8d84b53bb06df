/* SPDX-License-Identifier: MIT */
/* original_destination.h - where a redirected client wanted to go, and whether
 * connections to that destination are allowed. */

#ifndef ORIGINAL_DESTINATION_H
#define ORIGINAL_DESTINATION_H

#include <stdbool.h>

#include "base/address.h"
#include "worker/destination_refusal.h"

struct worker;

/* Asks conntrack (SO_ORIGINAL_DST, IP6T_SO_ORIGINAL_DST) for the destination of
 * the accepted socket. An IPv4 client is never written as IPv6 here.
 * NULL if it is allowed to the client, otherwise why not. *destination is set,
 * to AF_UNSPEC where it is unknown. */
const struct destination_refusal *original_destination_get(
    struct worker *worker, int fd, const struct address *client,
    struct address *destination);

/* The refusal of a connection to an upstream, or from an upstream on another
 * host, for when its addresses were not known at accept; NULL if it is neither.
 */
const struct destination_refusal *original_destination_refuse_loop(
    struct worker *worker, const struct address *client,
    const struct address *destination);

/* The refusal of a connection of this host that is one of too many to its
 * destination without an answer. */
extern const struct destination_refusal original_destination_local_loop;

/* Whether the address is one of this host's own. */
bool original_destination_is_local(
    struct worker *worker, const struct address *address);

#endif
