/* SPDX-License-Identifier: MIT */
#include "worker/request.h"

#include <string.h>

void
request_begin(struct request *request)
{
	request->sent_bytes = 0;
	request->is_starved = false;
	request->has_ready_socket = false;
	request->first_length = 0;
	connect_response_init(&request->response);
}

void
request_note_first_bytes(struct request *request, struct span fresh)
{
	size_t count = sizeof request->first - request->first_length;

	if (count > fresh.length)
		count = fresh.length;
	memcpy(request->first + request->first_length, fresh.bytes, count);
	request->first_length += (unsigned char)count;
}
