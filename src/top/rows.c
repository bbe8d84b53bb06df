/* SPDX-License-Identifier: MIT */
#include "top/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top/json_value.h"

const char *
row_order_name(enum row_order order)
{
	static const char *const names[ROW_ORDERS] = {
		[ROWS_BY_RATE] = "rate",
		[ROWS_BY_BYTES] = "bytes",
		[ROWS_BY_AGE] = "age",
	};

	return names[order];
}

/* The name that was sniffed, with the port of the destination. */
static void
read_destination(struct span tunnel, struct row *row)
{
	char host[256];
	const char *port;

	json_value_text(json_value_member(tunnel, "destination"),
	    row->destination, sizeof row->destination);
	json_value_text(json_value_member(tunnel, "host"), host, sizeof host);
	port = strrchr(row->destination, ':');
	if (host[0] != '\0') {
		char name[sizeof row->destination];

		snprintf(name, sizeof name, "%s%.6s", host,
		    port != NULL ? port : "");
		memcpy(row->destination, name, sizeof name);
	}
}

static void
read_row(struct span tunnel, struct row *row)
{
	json_value_text(json_value_member(tunnel, "client"), row->client,
	    sizeof row->client);
	json_value_text(json_value_member(tunnel, "upstream"), row->upstream,
	    sizeof row->upstream);
	json_value_text(
	    json_value_member(tunnel, "state"), row->state, sizeof row->state);
	read_destination(tunnel, row);
	row->count = 1;
	row->age = json_value_number(json_value_member(tunnel, "age"));
	row->sent = json_value_number(json_value_member(tunnel, "sent"));
	row->received =
	    json_value_number(json_value_member(tunnel, "received"));
	row->sent_rate =
	    json_value_number(json_value_member(tunnel, "sent_rate"));
	row->received_rate =
	    json_value_number(json_value_member(tunnel, "received_rate"));
}

static void
cut_port(char *address)
{
	char *port = strrchr(address, ':');

	if (port != NULL)
		*port = '\0';
}

/* What the rows of one group have in common stays. */
static void
leave_key(struct row *row, enum row_group group)
{
	row->upstream[0] = row->state[0] = '\0';
	cut_port(group == ROWS_OF_CLIENT ? row->client : row->destination);
	*(group == ROWS_OF_CLIENT ? row->destination : row->client) = '\0';
}

static int
compare_keys(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcmp(x->client, y->client);

	return order != 0 ? order : strcmp(x->destination, y->destination);
}

static void
add(struct row *sum, const struct row *row)
{
	sum->count += row->count;
	sum->sent += row->sent;
	sum->received += row->received;
	sum->sent_rate += row->sent_rate;
	sum->received_rate += row->received_rate;
	if (row->age > sum->age)
		sum->age = row->age;
}

static unsigned
merge(struct row *rows, unsigned count, enum row_group group)
{
	unsigned groups = 0;

	for (unsigned i = 0; i < count; i++)
		leave_key(&rows[i], group);
	qsort(rows, count, sizeof rows[0], compare_keys);
	for (unsigned i = 0; i < count; i++) {
		if (groups > 0 &&
		    compare_keys(&rows[groups - 1], &rows[i]) == 0)
			add(&rows[groups - 1], &rows[i]);
		else if (groups++ != i)
			rows[groups - 1] = rows[i];
	}
	return groups;
}

static int
descending(double a, double b)
{
	return (a < b) - (a > b);
}

static int
compare_rates(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return descending(
	    x->sent_rate + x->received_rate, y->sent_rate + y->received_rate);
}

static int
compare_bytes(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return descending(x->sent + x->received, y->sent + y->received);
}

static int
compare_ages(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return descending(x->age, y->age);
}

unsigned
rows_read(struct span json, enum row_group group, enum row_order order,
    struct row rows[ROWS_MAX])
{
	static int (*const comparisons[ROW_ORDERS])(
	    const void *, const void *) = {
		[ROWS_BY_RATE] = compare_rates,
		[ROWS_BY_BYTES] = compare_bytes,
		[ROWS_BY_AGE] = compare_ages,
	};
	struct span items = json_value_items(json);
	struct span item;
	unsigned count = 0;

	while (count < ROWS_MAX && json_value_next(&items, &item))
		read_row(item, &rows[count++]);
	if (group != ROWS_ALONE)
		count = merge(rows, count, group);
	qsort(rows, count, sizeof rows[0], comparisons[order]);
	return count;
}
