#include "worker/handshake.h"

#include <stdlib.h>

struct handshake *
handshake_new(void)
{
	return calloc(1, sizeof(struct handshake));
}

void
handshake_free(struct handshake **handshake)
{
	if (*handshake != NULL)
		free((*handshake)->sniffed);
	free(*handshake);
	*handshake = NULL;
}
