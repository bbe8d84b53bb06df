#include "worker/request.h"

#include <string.h>

void
request_note_first_bytes(struct request *request, struct span fresh)
{
	size_t count = sizeof request->first - request->first_length;

	if (count > fresh.length)
		count = fresh.length;
	memcpy(request->first + request->first_length, fresh.bytes, count);
	request->first_length += (unsigned char)count;
}
