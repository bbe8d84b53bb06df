/* SPDX-License-Identifier: MIT */
#include "ipc/tunnel_list.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "ipc/shared_words.h"
#include "ipc/snapshot.h"

enum {
	LIST_BYTES = 12 * 64 * 1024, /* a multiple of every page size */
	LIST_WORDS = LIST_BYTES / 4,
	SLOT_WORDS = SHARED_WORDS(sizeof(struct tunnel)),
};

struct tunnel_list {
	_Atomic uint32_t words[LIST_WORDS];
};

_Static_assert(
    TUNNEL_LIST_MAX *SLOT_WORDS <= LIST_WORDS, "a list must hold its slots");

bool
tunnel_request_is_valid(const struct tunnel_request *request)
{
	return request->number != 0 && request->limit > 0 &&
	    request->limit <= TUNNEL_LIST_MAX && request->order < TUNNEL_ORDERS;
}

bool
tunnel_answer_is_valid(const struct tunnel_answer *answer)
{
	return answer->count <= TUNNEL_LIST_MAX && answer->list <= TUNNEL_LISTS;
}

static uint64_t
sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t
tunnel_key(const struct tunnel *tunnel, enum tunnel_order order)
{
	if (order == TUNNELS_BY_RATE)
		return sum(tunnel->sent_rate, tunnel->received_rate);
	if (order == TUNNELS_BY_BYTES)
		return sum(tunnel->sent, tunnel->received);
	return tunnel->age_ms;
}

int
tunnel_lists_map(struct shared_area *area)
{
	return shared_area_map(
	    area, "tunnels", (size_t)TUNNEL_LISTS * LIST_BYTES);
}

struct tunnel_list *
tunnel_lists_take(struct shared_area *area, unsigned own)
{
	return shared_area_take(area, LIST_BYTES, own);
}

void
tunnel_list_write(
    struct tunnel_list *list, unsigned slot, const struct tunnel *tunnel)
{
	assert(slot < TUNNEL_LIST_MAX);
	shared_words_store(
	    &list->words[slot * SLOT_WORDS], tunnel, sizeof *tunnel);
}

void
tunnel_list_empty(struct tunnel_list *list)
{
	madvise(list, sizeof *list, MADV_REMOVE);
}

/* Terminated, and without what would harm a terminal. */
static bool
is_text(const char *bytes, size_t size)
{
	size_t length = strnlen(bytes, size);

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < ' ' || bytes[i] > '~')
			return false;
	}
	return length < size;
}

static bool
is_valid(const struct tunnel *tunnel)
{
	return tunnel->mode < TUNNEL_MODES && tunnel->state < SNAPSHOT_STATES &&
	    is_text(tunnel->client, sizeof tunnel->client) &&
	    is_text(tunnel->destination, sizeof tunnel->destination) &&
	    is_text(tunnel->upstream, sizeof tunnel->upstream) &&
	    is_text(tunnel->host, sizeof tunnel->host);
}

bool
tunnel_list_read(const struct shared_area *area, unsigned list, unsigned slot,
    struct tunnel *copy)
{
	const struct tunnel_list *lists = area->readable;

	assert(list < TUNNEL_LISTS && slot < TUNNEL_LIST_MAX);
	shared_words_load(
	    copy, &lists[list].words[slot * SLOT_WORDS], sizeof *copy);
	return is_valid(copy);
}
