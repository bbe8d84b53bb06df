/* SPDX-License-Identifier: MIT */
/* contents.h - what there is to be asked for, by its path. Status process. */

#ifndef STATUS_CONTENTS_H
#define STATUS_CONTENTS_H

#include "ipc/snapshot.h"
#include "status/output.h"
#include "status/request.h"

struct content {
	const char *path;
	const char *type; /* Content-Type */
	bool is_html; /* only for whom accepts that */
	void (*write)(struct output *output, const struct snapshot *snapshot);
};

/* NULL: there is no such path. */
const struct content *content_find(const struct request *request);

#endif
