/* SPDX-License-Identifier: MIT */
#include "status/tunnels_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "ipc/snapshot.h"

enum { LIMIT_DEFAULT = 100 };

static bool
is_word(struct span span, const char *word)
{
	return span.length == strlen(word) &&
	    memcmp(span.bytes, word, span.length) == 0;
}

bool
tunnels_are_asked_for(const struct request *request)
{
	return is_word(request->path, "/tunnels.json");
}

/* More than there can be is as many as there can be. */
static bool
parse_limit(struct span value, uint32_t *limit)
{
	uint32_t number = 0;

	for (size_t i = 0; i < value.length; i++) {
		if (!ascii_is_digit(value.bytes[i]))
			return false;
		number = number * 10 + value.bytes[i] - '0';
		if (number > TUNNEL_LIST_MAX)
			number = TUNNEL_LIST_MAX;
	}
	*limit = number;
	return number > 0;
}

static bool
parse_order(struct span value, uint32_t *order)
{
	static const char *const names[TUNNEL_ORDERS] = {
		[TUNNELS_BY_RATE] = "rate",
		[TUNNELS_BY_BYTES] = "bytes",
		[TUNNELS_BY_AGE] = "age",
	};

	*order = 0;
	while (*order < TUNNEL_ORDERS && !is_word(value, names[*order]))
		++*order;
	return *order < TUNNEL_ORDERS;
}

/* The bytes up to the first such byte, and what is behind it. */
static struct span
cut(struct span *rest, unsigned char byte)
{
	const unsigned char *end = memchr(rest->bytes, byte, rest->length);
	struct span first = *rest;

	if (end != NULL)
		first.length = (size_t)(end - rest->bytes);
	*rest = span_after(*rest, first.length + (end != NULL));
	return first;
}

bool
tunnels_query(struct span query, struct tunnel_request *request)
{
	request->limit = LIMIT_DEFAULT;
	request->order = TUNNELS_BY_RATE;
	while (query.length > 0) {
		struct span value = cut(&query, '&');
		struct span name = cut(&value, '=');

		if (is_word(name, "limit") &&
		    !parse_limit(value, &request->limit))
			return false;
		if (is_word(name, "sort") &&
		    !parse_order(value, &request->order))
			return false;
	}
	return true;
}

bool
tunnels_begin(struct tunnels *tunnels, const struct tunnel_request *request)
{
	tunnels_clear(tunnels);
	tunnels->order = (enum tunnel_order)request->order;
	ranking_begin(&tunnels->ranking, request->limit);
	tunnels->rows = malloc(request->limit * sizeof *tunnels->rows);
	return tunnels->rows != NULL;
}

void
tunnels_clear(struct tunnels *tunnels)
{
	free(tunnels->rows);
	tunnels->rows = NULL;
	ranking_begin(&tunnels->ranking, 0);
}

void
tunnels_add(
    struct tunnels *tunnels, unsigned worker, const struct tunnel *tunnel)
{
	unsigned slot;

	if (ranking_offer(
		&tunnels->ranking, tunnel_key(tunnel, tunnels->order), &slot))
		tunnels->rows[slot] = (struct tunnels_row){ worker, *tunnel };
}

void
tunnels_sort(struct tunnels *tunnels)
{
	ranking_sort(&tunnels->ranking);
}

static void
write_key(struct output *output, const char *key)
{
	output_format(output, ",\"%s\":", key);
}

/* null: it is not known, or there is none. */
static void
write_text(struct output *output, const char *key, const char *text)
{
	write_key(output, key);
	if (text[0] != '\0')
		output_json(output, text);
	else
		output_append(output, "null");
}

static void
write_number(struct output *output, const char *key, uint64_t number)
{
	write_key(output, key);
	output_format(output, "%llu", (unsigned long long)number);
}

static void
write_seconds(struct output *output, const char *key, uint64_t ms)
{
	write_key(output, key);
	output_format(output, "%llu.%03u", (unsigned long long)(ms / 1000),
	    (unsigned)(ms % 1000));
}

static void
write_row(struct output *output, const struct tunnels_row *row)
{
	static const char *const modes[TUNNEL_MODES] = {
		[TUNNEL_CONNECT] = "connect",
		[TUNNEL_RELAY] = "relay",
		[TUNNEL_DIRECT] = "direct",
	};
	const struct tunnel *tunnel = &row->tunnel;

	output_format(output, "{\"worker\":%u", row->worker);
	write_text(output, "client", tunnel->client);
	write_text(output, "destination", tunnel->destination);
	write_text(output, "host", tunnel->host);
	write_text(output, "upstream", tunnel->upstream);
	write_text(output, "mode", modes[tunnel->mode]);
	write_text(output, "state", snapshot_state_name(tunnel->state));
	write_seconds(output, "age", tunnel->age_ms);
	write_seconds(output, "idle", tunnel->idle_ms);
	write_number(output, "sent", tunnel->sent);
	write_number(output, "received", tunnel->received);
	write_number(output, "sent_rate", tunnel->sent_rate);
	write_number(output, "received_rate", tunnel->received_rate);
	output_append(output, "}");
}

void
tunnels_write(
    struct output *output, const struct tunnels *tunnels, unsigned limit)
{
	const struct ranking *ranking = &tunnels->ranking;

	output_append(output, "[");
	for (unsigned i = 0; i < ranking->count && i < limit; i++) {
		output_append(output, i > 0 ? ",\n" : "\n");
		write_row(output, &tunnels->rows[ranking->heap[i].slot]);
	}
	output_append(output, "\n]\n");
}
