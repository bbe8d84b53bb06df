#include "worker/silent.h"

#include "worker/connection.h"

static struct connection **
bucket_of(struct silent *silent, const struct address *destination)
{
	uint32_t hash = address_port(destination);

	if (destination->any.sa_family == AF_INET) {
		hash ^= ntohl(destination->v4.sin_addr.s_addr);
	} else {
		for (size_t i = 8; i < 16; i++)
			hash = hash * 31 + destination->v6.sin6_addr.s6_addr[i];
	}
	hash ^= hash >> 16;
	hash ^= hash >> 8;
	return &silent->buckets[hash % SILENT_BUCKETS];
}

void
silent_remove(struct connection *connection)
{
	struct silent_entry *entry = &connection->silent;

	if (entry->link == NULL)
		return;
	*entry->link = entry->next;
	if (entry->next != NULL)
		entry->next->silent.link = entry->link;
	*entry = (struct silent_entry){ 0 };
}

/* Those that have had a byte since they were added are dropped on the way. */
static unsigned
count(struct connection *first, const struct address *destination)
{
	unsigned found = 0;

	for (struct connection *next; first != NULL; first = next) {
		next = first->silent.next;
		if (first->flows[UPSTREAM].moved_bytes > 0)
			silent_remove(first);
		else if (address_equal(&first->destination, destination))
			found++;
	}
	return found;
}

bool
silent_add(struct silent *silent, struct connection *connection)
{
	struct connection **bucket =
	    bucket_of(silent, &connection->destination);
	struct silent_entry *entry = &connection->silent;

	if (count(*bucket, &connection->destination) >= SILENT_MAX)
		return false;
	*entry = (struct silent_entry){ *bucket, bucket };
	if (*bucket != NULL)
		(*bucket)->silent.link = &entry->next;
	*bucket = connection;
	return true;
}
