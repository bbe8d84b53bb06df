/* SPDX-License-Identifier: MIT */
#include "master/client_tables.h"

static bool
owns(const struct child *child, unsigned table)
{
	return child_kinds[child->kind].has_clients &&
	    child->client_table == table;
}

unsigned
client_tables_choose(const struct child *first)
{
	const struct child *child = first;
	unsigned table = 0;

	while (child != NULL && table < CLIENT_TABLES) {
		if (owns(child, table)) {
			table++;
			child = first;
		} else {
			child = child->next;
		}
	}
	return table;
}

void
client_tables_clear(
    const struct client_counts *counts, const struct child *child)
{
	if (child_kinds[child->kind].has_clients &&
	    child->client_table < CLIENT_TABLES && counts->writable != NULL)
		client_table_clear(&counts->writable[child->client_table]);
}

unsigned
client_tables_used(const struct child *first)
{
	unsigned count = 0;

	for (const struct child *child = first; child != NULL;
	     child = child->next) {
		if (child_kinds[child->kind].has_clients &&
		    child->client_table < CLIENT_TABLES &&
		    child->client_table >= count)
			count = child->client_table + 1;
	}
	return count;
}
