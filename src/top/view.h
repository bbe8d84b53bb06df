/* SPDX-License-Identifier: MIT */
/* view.h - what the live view shows, as lines. -top. Pure. */

#ifndef TOP_VIEW_H
#define TOP_VIEW_H

#include <stdbool.h>

#include "base/span.h"
#include "top/rows.h"
#include "top/screen.h"

enum { VIEW_UPSTREAMS = 9, VIEW_WORDS_SIZE = 512 };

struct view_upstream {
	char name[270], failure[64]; /* the last; or "" */
	bool is_up;
	double open, waiting, oldest_ms;
	double connect_ms, answer_ms; /* median of the hour; -1: none */
};

struct view {
	char trouble[VIEW_WORDS_SIZE]; /* why the rest is old; or "" */
	char verdict[VIEW_WORDS_SIZE];
	bool is_well;
	double open, limit, waiting;
	double now, started; /* seconds since 1970 */
	double accepted, failed, sent, received; /* a second */
	unsigned upstream_count;
	struct view_upstream upstreams[VIEW_UPSTREAMS];
	enum row_order order;
	enum row_group group;
	unsigned count;
	struct row rows[ROWS_MAX];
};

/* Takes what it shows from /status.json. */
void view_read(struct view *view, struct span json);

void view_draw(const struct view *view, struct screen *screen);

#endif
