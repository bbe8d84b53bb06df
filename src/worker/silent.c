/* SPDX-License-Identifier: MIT */
#include "worker/silent.h"

void
silent_init(struct silent *silent, const struct client_view *view)
{
	*silent = (struct silent){ .view = view };
}

/* Exact for IPv4. */
static uint64_t
key_of(const struct address *destination)
{
	uint64_t key = 0;

	if (destination->any.sa_family == AF_INET) {
		key = ntohl(destination->v4.sin_addr.s_addr);
	} else {
		for (size_t i = 0; i < 16; i++)
			key = key * 0x100000001b3 +
			    destination->v6.sin6_addr.s6_addr[i];
	}
	return CLIENT_KEY_DESTINATION | key << 16 | address_port(destination);
}

static struct silent_entry **
bucket_of(struct silent *silent, uint64_t key)
{
	key ^= key >> 32;
	key ^= key >> 16;
	key ^= key >> 8;
	return &silent->buckets[key % SILENT_BUCKETS];
}

static unsigned
count(struct silent *silent, uint64_t key)
{
	const struct silent_entry *entry = *bucket_of(silent, key);
	unsigned found = 0;

	for (; entry != NULL; entry = entry->next)
		found += entry->destination == key;
	return found;
}

/* Without a free entry, others do not hear of the destination. */
static void
publish(struct silent *silent, uint64_t key)
{
	struct client_table *own = silent->view->own;
	struct client_entry *entry;

	if (own == NULL)
		return;
	if ((entry = client_table_find(own, key)) == NULL)
		entry = client_table_find_free(own, key);
	if (entry != NULL)
		client_entry_set(entry, key, count(silent, key));
}

void
silent_remove(struct silent *silent, struct silent_entry *entry)
{
	uint64_t key = entry->destination;

	if (!silent_has(entry))
		return;
	*entry->link = entry->next;
	if (entry->next != NULL)
		entry->next->link = entry->link;
	*entry = (struct silent_entry){ .link = NULL };
	publish(silent, key);
}

bool
silent_add(struct silent *silent, struct silent_entry *entry,
    const struct address *destination)
{
	uint64_t key = key_of(destination);
	struct silent_entry **bucket = bucket_of(silent, key);

	if (count(silent, key) + client_view_others(silent->view, key) >=
	    SILENT_MAX)
		return false;
	*entry = (struct silent_entry){ *bucket, bucket, key };
	if (*bucket != NULL)
		(*bucket)->link = &entry->next;
	*bucket = entry;
	publish(silent, key);
	return true;
}
