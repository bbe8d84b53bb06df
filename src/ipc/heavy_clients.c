/* SPDX-License-Identifier: MIT */
#include "ipc/heavy_clients.h"

/* The client's entry; where it has none, the lightest one. */
static unsigned
find(const struct heavy_clients *clients, uint64_t key)
{
	unsigned lightest = 0;

	for (unsigned i = 0; i < HEAVY_CLIENTS; i++) {
		if (clients->keys[i] == key)
			return i;
		if (clients->weights[i] < clients->weights[lightest])
			lightest = i;
	}
	return lightest;
}

static void
reset(struct counter *counter)
{
	counter_set(&counter->low, 0);
	counter_set(&counter->high, 0);
}

static void
give_to(struct heavy_client *client, uint64_t key)
{
	counter_begin_change(&client->changes);
	counter_set(&client->key_high, (uint32_t)(key >> 32));
	counter_set(&client->key_low, (uint32_t)key);
	reset(&client->accepted);
	reset(&client->failed);
	reset(&client->sent);
	reset(&client->received);
	counter_end_change(&client->changes);
}

void
heavy_clients_add(struct heavy_clients *clients, uint64_t key, unsigned *place,
    const struct client_use *use)
{
	struct heavy_client *client;

	if (*place >= HEAVY_CLIENTS || clients->keys[*place] != key)
		*place = find(clients, key);
	client = &clients->list[*place];
	if (clients->keys[*place] != key) {
		clients->keys[*place] = key;
		give_to(client, key);
	}
	clients->weights[*place] += use->accepted + use->sent + use->received;
	counter_add(&client->accepted, use->accepted);
	counter_add(&client->failed, use->failed);
	counter_add(&client->sent, use->sent);
	counter_add(&client->received, use->received);
}

bool
heavy_client_read(struct heavy_client *client, uint32_t *changes, uint64_t *key,
    struct client_use *use)
{
	*changes = counter_begin_read(&client->changes);
	*key = (uint64_t)counter_now(&client->key_high) << 32 |
	    counter_now(&client->key_low);
	use->accepted = counter_read(&client->accepted);
	use->failed = counter_read(&client->failed);
	use->sent = counter_read(&client->sent);
	use->received = counter_read(&client->received);
	return *key != 0 && counter_was_whole(&client->changes, *changes);
}
