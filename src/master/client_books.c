/* SPDX-License-Identifier: MIT */
#include "master/client_books.h"

#include <stdlib.h>

#include "ipc/client_key.h"
#include "master/client_tables.h"

/* How much a counter has grown; *before grows with it, and never falls. */
static uint64_t
growth(uint64_t *before, uint64_t counted)
{
	uint64_t now = sums_raise(*before, counted);
	uint64_t more = now - *before;

	*before = now;
	return more;
}

static void
read_client(struct heavy_clients *all, struct client_memory *memory,
    struct heavy_client *counted)
{
	unsigned place = HEAVY_CLIENTS;
	struct client_use now, more;
	uint32_t changes;
	uint64_t key;

	if (!heavy_client_read(counted, &changes, &key, &now))
		return;
	if (changes != memory->changes)
		*memory = (struct client_memory){ .changes = changes };
	more = (struct client_use){
		.accepted = growth(&memory->use.accepted, now.accepted),
		.failed = growth(&memory->use.failed, now.failed),
		.sent = growth(&memory->use.sent, now.sent),
		.received = growth(&memory->use.received, now.received),
	};
	if (more.accepted != 0 || more.failed != 0 || more.sent != 0 ||
	    more.received != 0)
		heavy_clients_add(all, key, &place, &more);
}

void
client_books_read(struct heavy_clients *all, struct worker_books *worker,
    struct heavy_clients *counted)
{
	for (unsigned i = 0; i < HEAVY_CLIENTS; i++)
		read_client(all, &worker->clients[i], &counted->list[i]);
}

struct ranked {
	uint64_t key;
	struct client_use use;
};

static uint64_t
bytes_of(const struct ranked *client)
{
	return client->use.sent + client->use.received;
}

static int
compare(const void *a, const void *b)
{
	uint64_t more = bytes_of(a), less = bytes_of(b);

	return more > less ? -1 : more < less;
}

/* Connections in all workers that tell of them. */
static uint32_t
open_of(const struct children *children, uint64_t key)
{
	const struct client_view view = {
		.tables = children->client_counts.readable,
		.table_count = children->client_counts.readable != NULL
		    ? client_tables_used(children->first)
		    : 0,
		.own_index = CLIENT_TABLES,
	};

	return client_view_others(&view, key);
}

unsigned
client_books_show(struct heavy_clients *all, const struct children *children,
    struct snapshot_client shown[SNAPSHOT_CLIENTS])
{
	struct ranked ranked[HEAVY_CLIENTS];
	unsigned count = 0;

	for (unsigned i = 0; i < HEAVY_CLIENTS; i++) {
		uint32_t changes;

		count += heavy_client_read(&all->list[i], &changes,
		    &ranked[count].key, &ranked[count].use);
	}
	qsort(ranked, count, sizeof ranked[0], compare);
	if (count > SNAPSHOT_CLIENTS)
		count = SNAPSHOT_CLIENTS;
	for (unsigned i = 0; i < count; i++) {
		const struct client_use *use = &ranked[i].use;

		shown[i] = (struct snapshot_client){
			.open = open_of(children, ranked[i].key),
			.accepted = use->accepted,
			.failed = use->failed,
			.sent = use->sent,
			.received = use->received,
		};
		client_key_text(ranked[i].key, shown[i].address);
	}
	return count;
}
