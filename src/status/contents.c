/* SPDX-License-Identifier: MIT */
#include "status/contents.h"

#include "status/metrics.h"
#include "status/page.h"
#include "status/page_text.h"
#include "status/status_json.h"

/* A browser gets the first of its path, others the first that is no HTML. */
static const struct content contents[] = {
	{ "/", "text/html; charset=utf-8", true, page_write },
	{ "/", "text/plain; charset=utf-8", false, page_text_write },
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8", false,
	    metrics_write },
	{ "/status.json", "application/json", false, status_json_write },
	{ .path = NULL },
};

const struct content *
content_find(const struct request *request)
{
	const struct content *content = contents;

	while (content->path != NULL &&
	    (!span_is(request->path, content->path) ||
		(content->is_html && !request->accepts_html)))
		content++;
	return content->path != NULL ? content : NULL;
}
