/* SPDX-License-Identifier: MIT */
#include "status/page_parts.h"

void
page_cell(struct output *output, const char *label, const char *value)
{
	output_format(output, "<td data-label=\"%s\">", label);
	output_html(output, value);
}

void
page_cell_first(struct output *output, const char *value)
{
	output_append(output, "<tr><th scope=row>");
	output_html(output, value);
}

void
page_bar(struct output *output, uint64_t used, uint64_t bound)
{
	double part = bound > 0 ? (double)used / (double)bound : 0;
	const char *level = part >= 0.95 ? "bad"
	    : part >= 0.8		 ? "warning"
					 : "ok";

	if (part > 1)
		part = 1;
	output_format(output,
	    "<svg class=\"bar %s\" viewBox=\"0 0 100 6\" "
	    "preserveAspectRatio=none aria-hidden=true>"
	    "<rect class=all width=100 height=6 /><rect class=used "
	    "width=%.1f height=6 /></svg>",
	    level, part * 100);
}
