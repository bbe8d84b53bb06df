#include "worker/silent.h"

#include <stddef.h>

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
	return key << 16 | address_port(destination);
}

static struct silent_entry **
bucket_of(struct silent *silent, uint64_t key)
{
	key ^= key >> 32;
	key ^= key >> 16;
	key ^= key >> 8;
	return &silent->buckets[key % SILENT_BUCKETS];
}

void
silent_remove(struct silent_entry *entry)
{
	if (entry->link == NULL)
		return;
	*entry->link = entry->next;
	if (entry->next != NULL)
		entry->next->link = entry->link;
	*entry = (struct silent_entry){ .link = NULL };
}

static unsigned
count(struct silent_entry *first, uint64_t key, silent_has_answer *has_answer)
{
	unsigned found = 0;

	for (struct silent_entry *next; first != NULL; first = next) {
		next = first->next;
		if (has_answer(first))
			silent_remove(first);
		else if (first->destination == key)
			found++;
	}
	return found;
}

bool
silent_add(struct silent *silent, struct silent_entry *entry,
    const struct address *destination, silent_has_answer *has_answer)
{
	uint64_t key = key_of(destination);
	struct silent_entry **bucket = bucket_of(silent, key);

	if (count(*bucket, key, has_answer) >= SILENT_MAX)
		return false;
	*entry = (struct silent_entry){ *bucket, bucket, key };
	if (*bucket != NULL)
		(*bucket)->link = &entry->next;
	*bucket = entry;
	return true;
}
