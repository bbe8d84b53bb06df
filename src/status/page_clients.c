/* SPDX-License-Identifier: MIT */
#include "status/page_parts.h"
#include "status/quantity.h"

static uint64_t
bytes_of(const struct snapshot_client *client)
{
	return client->sent + client->received;
}

static void
write_client(
    struct output *output, const struct snapshot_client *client, uint64_t all)
{
	page_cell_first(output, client->address);
	page_cell(output, "received", quantity_bytes(client->received).text);
	page_cell(output, "sent", quantity_bytes(client->sent).text);
	output_append(output, "<td data-label=\"share\" class=share>");
	output_html(output, quantity_percent(bytes_of(client), all).text);
	page_bar(output, bytes_of(client), all);
	page_cell(output, "open", quantity_count(client->open).text);
	page_cell(output, "came", quantity_count(client->accepted).text);
	page_cell(output, "failed", quantity_count(client->failed).text);
	output_append(output, "\n");
}

void
page_clients(struct output *output, const struct snapshot *snapshot)
{
	output_append(output,
	    "<section id=clients><h2>Heaviest clients "
	    "since the start</h2>\n");
	if (snapshot->client_count == 0)
		output_append(output, "<p>None since the start.</p>\n");
	else
		output_append(output,
		    "<table class=rows><thead><tr><th scope=col>client"
		    "<th scope=col>received<th scope=col>sent<th scope=col>"
		    "share<th scope=col>open<th scope=col>came<th scope=col>"
		    "failed</thead>\n");
	for (unsigned i = 0; i < snapshot->client_count; i++)
		write_client(output, &snapshot->clients[i],
		    snapshot->sent + snapshot->received);
	output_append(output,
	    snapshot->client_count > 0 ? "</table></section>\n"
				       : "</section>\n");
}
