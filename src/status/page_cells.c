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

static void
write_bar(struct output *output, const char *level, double part)
{
	output_format(output,
	    "<svg class=\"bar %s\" viewBox=\"0 0 100 6\" "
	    "preserveAspectRatio=none aria-hidden=true>"
	    "<rect class=all width=100 height=6 /><rect class=used "
	    "width=%.1f height=6 /></svg>",
	    level, part < 1 ? part * 100 : 100);
}

static double
part_of(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

void
page_bar(struct output *output, uint64_t part, uint64_t whole)
{
	write_bar(output, "share", part_of(part, whole));
}

void
page_limit_bar(struct output *output, uint64_t used, uint64_t bound)
{
	double part = part_of(used, bound);

	write_bar(output,
	    part >= 1	      ? "bad"
		: part >= 0.8 ? "warning"
			      : "ok",
	    part);
}
