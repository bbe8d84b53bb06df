/* SPDX-License-Identifier: MIT */
/* upstream_list.h - HTTP proxies as the options name them: a proxy, a list in
 * the order of preference, and a set. Any process. Pure.
 * Values without pointers, all bytes 0 behind their ends: copies and memcmp(3)
 * are fine. */

#ifndef UPSTREAM_LIST_H
#define UPSTREAM_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/text.h"
#include "base/upstream_addresses.h"

enum { CONFIG_HOST_SIZE = 256 };

/* An upstream proxy: its name or the text of its address, and its port. */
struct config_upstream {
	char host[CONFIG_HOST_SIZE];
	uint16_t port;
};

/* No two are the same. */
struct upstream_set {
	unsigned count;
	struct config_upstream list[UPSTREAMS_MAX];
};

/* The proxies to ask, in this order: indices into a set. `direct` comes last.
 */
struct upstream_list {
	uint8_t count;
	uint8_t members[UPSTREAMS_MAX];
	bool direct;
};

/* "proxy", "proxy:3128", "[::1]:3128", perhaps with http:// in front and a /
 * behind. False with the expected form in *expected. */
bool upstream_parse(
    struct config_upstream *upstream, struct span text, struct text *expected);

/* Names in any case, and the port. */
bool upstream_equal(
    const struct config_upstream *a, const struct config_upstream *b);

/* Its index in the set, where it is put if it is not there; -1 where the set
 * is full. */
int upstream_set_add(
    struct upstream_set *set, const struct config_upstream *upstream);

/* "HOST[:PORT][,HOST[:PORT]]...", the last may be "direct". Adds them to *set.
 * False with what is expected in *expected; both are then undefined. */
bool upstream_list_parse(struct upstream_list *list, struct upstream_set *set,
    struct span text, struct text *expected);

bool upstream_list_has(const struct upstream_list *list, unsigned member);

/* It has the member, and another member or direct. */
bool upstream_list_has_other(const struct upstream_list *list, unsigned member);

/* Appends it as it would be written, each with its port. */
void upstream_list_append(struct text *text, const struct upstream_list *list,
    const struct upstream_set *set);

#endif
