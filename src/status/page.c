/* SPDX-License-Identifier: MIT */
#include "status/page.h"

#include "status/page_parts.h"
#include "status/plot.h"
#include "status/quantity.h"
#include "status/verdict.h"

/* The picture beside the title has the verdict's colour. */
static void
write_icon(struct output *output, enum severity severity)
{
	static const char *const colours[] = { "1a7f4b", "c77700", "c62828" };

	output_format(output,
	    "<link rel=icon href=\"data:image/svg+xml,%%3Csvg xmlns='http://"
	    "www.w3.org/2000/svg' viewBox='0 0 8 8'%%3E%%3Ccircle cx='4' "
	    "cy='4' "
	    "r='4' fill='%%23%s'/%%3E%%3C/svg%%3E\">\n",
	    colours[severity]);
}

static void
write_head(struct output *output, const struct snapshot *snapshot,
    const struct finding *first)
{
	output_append(output,
	    "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
	    "<meta name=viewport content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=color-scheme content=\"light dark\">\n"
	    "<meta http-equiv=refresh content=5>\n");
	write_icon(output, first->severity);
	output_append(output, "<title>");
	output_html(output, first->words);
	output_append(output, " - HandyProxy ");
	output_html(output, snapshot->host);
	output_append(output, "</title>\n<style>\n");
	output_append(output, page_style);
	output_append(output, "</style>\n</head>\n<body>\n");
}

static void
write_title(struct output *output, const struct snapshot *snapshot)
{
	output_append(output, "<header><h1>HandyProxy <b>");
	output_html(output, snapshot->host);
	output_format(output,
	    "</b></h1><p>version %s, up %s, %s UTC</p></header>\n", VERSION,
	    quantity_age(snapshot->now - snapshot->started).text,
	    quantity_clock(snapshot->now, snapshot->now).text);
}

static void
write_finding(struct output *output, const struct finding *finding)
{
	output_format(output, "<div class=\"finding %s\"><p><strong>",
	    severity_name(finding->severity));
	output_html(output, finding->words);
	output_append(output, "</strong></p>");
	if (finding->more[0] != '\0') {
		output_append(output, "<p>");
		output_html(output, finding->more);
		output_append(output, "</p>");
	}
	output_append(output, "</div>\n");
}

static void
write_verdict(struct output *output, const struct verdict *verdict)
{
	output_append(output, "<section id=verdict>\n");
	for (unsigned i = 0; i < verdict->count; i++)
		write_finding(output, &verdict->findings[i]);
	output_append(output, "</section>\n");
}

static void
write_plots(struct output *output, const struct snapshot *snapshot)
{
	output_append(output,
	    "<section id=hour class=pair>\n<figure><figcaption><h2>Last hour: "
	    "connections a second</h2><span class=\"key accepted\">all</span> "
	    "<span class=\"key failed\">failed</span></figcaption>\n");
	plot_connections(output, snapshot);
	output_append(output,
	    "</figure>\n<figure><figcaption><h2>Last hour: time to answer</h2>"
	    "<span class=\"key median\">median</span> "
	    "<span class=\"key high\">95th percentile</span> "
	    "<span class=\"key oldest\">longest wait</span></figcaption>\n");
	plot_answers(output, snapshot);
	output_append(output, "</figure>\n</section>\n");
}

static void
write_footer(struct output *output)
{
	output_append(output,
	    "<footer>Times are UTC. The same as "
	    "<a href=\"/status.json\">JSON</a>, for "
	    "<a href=\"/metrics\">Prometheus</a>, as text for curl; all "
	    "<a href=\"/tunnels.json\">open connections</a>."
	    "</footer>\n</body>\n</html>\n");
}

void
page_write(struct output *output, const struct snapshot *snapshot)
{
	struct figures figures = figures_of(snapshot);
	struct verdict verdict;

	verdict_of(&verdict, snapshot);
	write_head(output, snapshot, &verdict.findings[0]);
	write_title(output, snapshot);
	write_verdict(output, &verdict);
	page_overview(output, snapshot, &figures);
	page_upstreams(output, snapshot);
	write_plots(output, snapshot);
	page_failures(output, snapshot);
	page_clients(output, snapshot);
	page_limits(output, snapshot);
	page_workers(output, snapshot);
	write_footer(output);
}
