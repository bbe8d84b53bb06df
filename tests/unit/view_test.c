/* SPDX-License-Identifier: MIT */
/* view_test.c - what -top makes of /status.json. */

#include "top/view.h"

#include <string.h>

#include "check.h"

static struct view view;
static char bytes[16384];

static void
read_text(const char *json)
{
	memset(&view, 0, sizeof view);
	view_read(&view, span_of(json, strlen(json)));
}

static bool
shows(const char *words)
{
	struct text text = text_in(bytes, sizeof bytes);
	struct screen screen;

	screen_begin(&screen, &text, 24, 200);
	view_draw(&view, &screen);
	return strstr(bytes, words) != NULL;
}

static void
an_upstream_has_a_line(void)
{
	read_text("{\"upstreams\":[{\"name\":\"a:1\",\"up\":true,\"open\":1204,"
		  "\"waiting\":3,\"oldest_ms\":4100,\"hour\":{\"connect\":"
		  "{\"median_ms\":2},\"answer\":{\"median_ms\":null}},"
		  "\"last_failure\":{\"cause\":\"status 403\"}},"
		  "{\"name\":\"b:1\",\"up\":false,\"waiting\":2,"
		  "\"last_failure\":null}]}");
	CHECK(view.upstream_count == 2 && view.waiting == 5);
	CHECK(shows("a:1                          up      1,204      3    4.1 s"
		    "     2 ms        -  status 403"));
	CHECK(shows("\033[1mb:1                          down "));
}

/* The second that is under way says less than it will, and is left out. */
static void
rates_are_means_of_whole_seconds(void)
{
	read_text("{\"history\":{\"seconds\":["
		  "{\"accepted\":90},{\"accepted\":1},{\"accepted\":2},"
		  "{\"accepted\":3,\"sent\":10},{\"accepted\":4},"
		  "{\"accepted\":5,\"received\":50},{\"accepted\":700}]}}");
	CHECK(view.accepted == 3 && view.sent == 2 && view.received == 10);
	read_text("{\"history\":{\"seconds\":[{\"accepted\":7}]}}");
	CHECK(view.accepted == 0);
	read_text("{\"history\":{\"seconds\":[{\"accepted\":6},"
		  "{\"accepted\":7}]}}");
	CHECK(view.accepted == 6);
}

static void
the_verdict_comes_first(void)
{
	read_text("{\"verdict\":\"all well\",\"severity\":\"ok\"}");
	CHECK(shows("\033[H\033[1mall well\033[0m"));
	read_text("{\"verdict\":\"slow\",\"severity\":\"bad\"}");
	CHECK(shows("\033[H\033[7mslow "));
	strcpy(view.trouble, "no instance answers");
	CHECK(shows("\033[H\033[7mno instance answers "));
}

int
main(void)
{
	RUN(an_upstream_has_a_line);
	RUN(rates_are_means_of_whole_seconds);
	RUN(the_verdict_comes_first);
	return check_report();
}
