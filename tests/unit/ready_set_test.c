/* SPDX-License-Identifier: MIT */
/* ready_set_test.c - which ready socket is taken, and when one is due. */

#include "worker/ready_set.h"

#include "check.h"
#include "event/deadlines.h"

enum { TIMEOUT_MS = 100 };

struct place {
	int fd; /* 0: free */
	bool is_connected;
	int64_t opened_ms;
};

static const struct row {
	struct place places[4];
	int oldest_fd; /* 0: none is to be taken at 250 */
	unsigned count;
	int64_t due_ms;
} rows[] = {
	{ { { 0 } }, 0, 0, DEADLINE_NEVER },
	{ { { 3, true, 200 } }, 3, 1, 300 },
	{ { { 3, false, 200 } }, 0, 1, 300 },
	/* The oldest, wherever it stands. */
	{ { { 3, true, 220 }, { 4, true, 210 }, { 5, true, 230 } }, 4, 3, 310 },
	{ { { 3, true, 210 }, { 0 }, { 5, true, 210 } }, 3, 2, 310 },
	/* Not before it is connected. */
	{ { { 3, false, 200 }, { 4, true, 240 } }, 4, 2, 300 },
	/* Not once it is as old as it may get. */
	{ { { 3, true, 150 }, { 4, true, 151 } }, 4, 2, 250 },
	{ { { 3, true, 150 } }, 0, 1, 250 },
};

static struct ready_set
set_of(const struct row *row)
{
	struct ready_set set;

	ready_set_init(&set);
	for (unsigned i = 0; i < 4; i++) {
		const struct place *place = &row->places[i];

		if (place->fd == 0)
			continue;
		set.places[i].endpoint.watch.fd = place->fd;
		set.places[i].is_connected = place->is_connected;
		set.places[i].opened_ms = place->opened_ms;
	}
	return set;
}

static void
check_row(const struct row *row)
{
	struct ready_set set = set_of(row);
	const struct ready_socket *oldest =
	    ready_set_find_oldest(&set, 250 - TIMEOUT_MS);

	CHECK((oldest != NULL) == (row->oldest_fd != 0));
	CHECK(oldest == NULL || oldest->endpoint.watch.fd == row->oldest_fd);
	CHECK(ready_set_count(&set) == row->count);
	CHECK(ready_set_due_ms(&set, TIMEOUT_MS) == row->due_ms);
}

/* It is to be filled, even if no socket expires before. */
static void
a_wanted_set_is_due(void)
{
	struct ready_set set = set_of(&rows[1]);

	set.is_wanted = true;
	set.fill_from_ms = 280;
	CHECK(ready_set_due_ms(&set, TIMEOUT_MS) == 280);
	set.fill_from_ms = 320;
	CHECK(ready_set_due_ms(&set, TIMEOUT_MS) == 300);
	ready_set_init(&set);
	set.is_wanted = true;
	CHECK(ready_set_due_ms(&set, TIMEOUT_MS) == 0);
}

static void
each_place_is_used(void)
{
	struct ready_set set;

	ready_set_init(&set);
	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		struct ready_socket *socket = ready_set_find_free(&set);

		CHECK(socket != NULL && !ready_set_has(socket));
		socket->endpoint.watch.fd = (int)i + 3;
		CHECK(ready_set_has(socket));
		CHECK(ready_set_count(&set) == i + 1);
	}
	CHECK(ready_set_find_free(&set) == NULL);
}

static void
the_oldest_that_is_connected_is_taken(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_row(&rows[i]);
}

int
main(void)
{
	RUN(the_oldest_that_is_connected_is_taken);
	RUN(a_wanted_set_is_due);
	RUN(each_place_is_used);
	return check_report();
}
