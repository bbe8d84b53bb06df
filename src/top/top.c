/* SPDX-License-Identifier: MIT */
#include "top/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "top/fetch.h"
#include "top/terminal.h"
#include "top/view.h"

enum { REFRESH_MS = 1000, PICTURE_SIZE = 256 * 1024 };

struct top {
	const struct status_address *address;
	struct view view;
	char *memory; /* of the last answer; owned */
	int64_t due_ms; /* the next questions */
};

static struct text
words_of(const struct status_address *address, char *bytes, size_t size)
{
	struct text words = text_in(bytes, size);

	text_append(&words, "no instance answers at ");
	status_address_append(&words, address);
	text_append(&words, ": ");
	return words;
}

static bool
ask_for(struct top *top, const char *path, struct span *body)
{
	char *bytes = top->view.trouble;
	struct text words =
	    words_of(top->address, bytes, sizeof top->view.trouble);

	if (!fetch(top->address, path, &top->memory, body, &words))
		return false;
	bytes[0] = '\0';
	return true;
}

/* Groups need all tunnels, a list no more than is shown. */
static void
ask_for_tunnels(struct top *top)
{
	struct view *view = &top->view;
	struct terminal_size size = terminal_size();
	unsigned limit = view->group == ROWS_ALONE && size.rows < ROWS_MAX
	    ? size.rows
	    : ROWS_MAX;
	char path[64];
	struct span body;

	snprintf(path, sizeof path, "/tunnels.json?limit=%u&sort=%s", limit,
	    row_order_name(view->order));
	if (ask_for(top, path, &body))
		view->count =
		    rows_read(body, view->group, view->order, view->rows);
}

/* What cannot be had stays as it was, and the view says why. False: nobody
 * answers. */
static bool
refresh(struct top *top)
{
	struct span body;
	bool is_answered = ask_for(top, "/status.json", &body);

	if (is_answered) {
		view_read(&top->view, body);
		ask_for_tunnels(top);
	}
	top->due_ms = clock_now_ms() + REFRESH_MS;
	return is_answered;
}

static bool
draw(struct top *top)
{
	static char bytes[PICTURE_SIZE];
	struct text text = text_in(bytes, sizeof bytes);
	struct terminal_size size = terminal_size();
	struct screen screen;

	screen_begin(&screen, &text, size.rows, size.columns);
	view_draw(&top->view, &screen);
	return terminal_write(bytes, text.length);
}

static void
choose_group(struct view *view, enum row_group group)
{
	view->group = view->group == group ? ROWS_ALONE : group;
}

/* False: it is the key that ends the view. */
static bool
obey_key(struct top *top, char key)
{
	struct view *view = &top->view;

	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case 's':
		view->order = (enum row_order)((view->order + 1) % ROW_ORDERS);
		break;
	case 'c':
		choose_group(view, ROWS_OF_CLIENT);
		break;
	case 'd':
		choose_group(view, ROWS_TO_DESTINATION);
		break;
	default:
		return true;
	}
	top->due_ms = 0;
	return true;
}

/* One event; false: the end. */
static bool
step(struct top *top)
{
	char key;

	switch (terminal_wait(top->due_ms, &key)) {
	case TERMINAL_KEY:
		if (!obey_key(top, key))
			return false;
		break;
	case TERMINAL_GONE:
		return false;
	case TERMINAL_TIMEOUT:
	case TERMINAL_REDRAW:
		break;
	}
	if (clock_now_ms() >= top->due_ms)
		refresh(top);
	return draw(top);
}

static int
print_once(struct top *top)
{
	struct span body;

	if (!ask_for(top, "/", &body)) {
		log_to_terminal(top->view.trouble);
		return EXIT_FAILURE;
	}
	fwrite(body.bytes, 1, body.length, stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
show(struct top *top)
{
	if (!refresh(top)) {
		log_to_terminal(top->view.trouble);
		return EXIT_FAILURE;
	}
	terminal_open();
	if (draw(top)) {
		while (step(top))
			continue;
	}
	terminal_close();
	return EXIT_SUCCESS;
}

int
top_run(const struct status_address *address)
{
	static struct top top;
	int status;

	top.address = address;
	if (!status_address_is_set(address)) {
		log_to_terminal("-top: expected -status-address, or -config "
				"with a file that has it");
		return EXIT_FAILURE;
	}
	status = isatty(STDOUT_FILENO) ? show(&top) : print_once(&top);
	free(top.memory);
	return status;
}
