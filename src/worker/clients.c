/* SPDX-License-Identifier: MIT */
#include "worker/clients.h"

#include <assert.h>
#include <stddef.h>

#include "ipc/client_key.h"

static unsigned
bucket_index(uint64_t key)
{
	return (unsigned)(key ^ key >> 9 ^ key >> 32) % CLIENT_BUCKETS;
}

void
clients_look_at(struct clients *clients, unsigned table_count)
{
	clients->view.table_count =
	    clients->view.tables != NULL ? table_count : 0;
}

void
clients_init(struct clients *clients, struct client_table *own,
    const struct client_table *tables, unsigned table_count, unsigned own_index)
{
	*clients = (struct clients){
		.view = { own, tables, 0, own_index },
	};
	clients_look_at(clients, table_count);
	slab_pool_init(&clients->records, sizeof(struct client));
	if (own != NULL)
		client_table_clear(own);
}

void
clients_clear(struct clients *clients)
{
	if (clients->spare != NULL)
		slab_pool_give(&clients->records, clients->spare);
	clients->spare = NULL;
	slab_pool_clear(&clients->records);
}

int
clients_reserve(struct clients *clients)
{
	if (clients->spare == NULL)
		clients->spare = slab_pool_take(&clients->records);
	return clients->spare != NULL ? 0 : -1;
}

static void
publish(const struct client *client)
{
	if (client->entry != NULL)
		client_entry_set(client->entry, client->key, client->open);
}

static struct client *
find(const struct clients *clients, uint64_t key)
{
	struct client *client = clients->buckets[bucket_index(key)];

	while (client != NULL && client->key != key)
		client = client->next;
	return client;
}

static struct client *
add(struct clients *clients, uint64_t key)
{
	struct client **bucket = &clients->buckets[bucket_index(key)];
	struct client *client = clients->spare;

	assert(client != NULL);
	clients->spare = NULL;
	client->key = key;
	client->next = *bucket;
	*bucket = client;
	if (clients->view.own != NULL)
		client->entry = client_table_find_free(clients->view.own, key);
	return client;
}

struct client *
clients_join(struct clients *clients, const struct address *address)
{
	uint64_t key = client_key(address);
	struct client *client = find(clients, key);

	if (client == NULL)
		client = add(clients, key);
	client->open++;
	publish(client);
	return client;
}

void
clients_leave(struct clients *clients, struct client *client)
{
	struct client **link = &clients->buckets[bucket_index(client->key)];

	assert(client->open > 0);
	client->open--;
	publish(client);
	if (client->open > 0)
		return;
	assert(client->pending == 0);
	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	slab_pool_give(&clients->records, client);
}

/* The worker's own table may lack a client for which it had no entry. */
unsigned
clients_count(const struct clients *clients, const struct address *address)
{
	uint64_t key = client_key(address);
	const struct client *client = find(clients, key);

	return (client != NULL ? client->open : 0) +
	    client_view_others(&clients->view, key);
}
