/* SPDX-License-Identifier: MIT */
#include "status/contents.h"

#include <string.h>

static const struct content contents[] = {
	{ .path = NULL },
};

static bool
has_path(const struct content *content, struct span path)
{
	return strlen(content->path) == path.length &&
	    memcmp(content->path, path.bytes, path.length) == 0;
}

const struct content *
content_find(const struct request *request)
{
	const struct content *content = contents;

	while (content->path != NULL && !has_path(content, request->path))
		content++;
	return content->path != NULL ? content : NULL;
}
