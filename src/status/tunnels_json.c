/* SPDX-License-Identifier: MIT */
#include "status/tunnels_json.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "ipc/snapshot.h"
#include "status/json_writer.h"

enum { LIMIT_DEFAULT = 100 };

bool
tunnels_are_asked_for(const struct request *request)
{
	return span_is(request->path, "/tunnels.json");
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
	while (*order < TUNNEL_ORDERS && !span_is(value, names[*order]))
		++*order;
	return *order < TUNNEL_ORDERS;
}

bool
tunnels_query(struct span query, struct tunnel_request *request)
{
	request->limit = LIMIT_DEFAULT;
	request->order = TUNNELS_BY_RATE;
	while (query.length > 0) {
		struct span value = span_take_until(&query, '&');
		struct span name = span_take_until(&value, '=');

		if (span_is(name, "limit") &&
		    !parse_limit(value, &request->limit))
			return false;
		if (span_is(name, "sort") &&
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

/* null: it is not known, or there is none. */
static void
write_text(struct output *output, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_text(output, key, text);
	else
		json_null(output, key);
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

	json_open_object(output, NULL);
	json_number(output, "worker", row->worker);
	write_text(output, "client", tunnel->client);
	write_text(output, "destination", tunnel->destination);
	write_text(output, "host", tunnel->host);
	write_text(output, "upstream", tunnel->upstream);
	json_text(output, "mode", modes[tunnel->mode]);
	json_text(output, "state", snapshot_state_name(tunnel->state));
	json_seconds(output, "age", tunnel->age_ms);
	json_seconds(output, "idle", tunnel->idle_ms);
	json_number(output, "sent", tunnel->sent);
	json_number(output, "received", tunnel->received);
	json_number(output, "sent_rate", tunnel->sent_rate);
	json_number(output, "received_rate", tunnel->received_rate);
	json_close_object(output);
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
