/* SPDX-License-Identifier: MIT */
/* tunnels.h - the tunnels of the load generator, through the relay that is
 * measured. Each call returns when all that it asks for has happened; what is
 * not as it should be ends the program with a line on stderr and status 1. */

#ifndef TUNNELS_H
#define TUNNELS_H

#include "wire.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct tunnels_options {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	uint64_t give, take; /* bytes of a question, of its answer */
	uint64_t concurrency; /* how many are opened or ended at once */
	size_t head; /* bytes of a question before its pattern */
	unsigned char head_bytes[WIRE_HEAD_MAX];
	const char *host; /* that requests are for */
	int stalled_ms; /* how long nothing may happen until it gives up */
};

/* To be called once; the options stay the caller's and must live on. */
void tunnels_init(const struct tunnels_options *chosen);

/* `count` more tunnels, one exchange on each. */
void tunnels_open(uint64_t count);

/* `count` tunnels, one exchange on each, and their end. */
void tunnels_connect(uint64_t count);

/* `count` connections, each with one request that the far end's FIN follows. */
void tunnels_request(uint64_t count);

/* `total` exchanges over the `busy` tunnels that were opened first. */
void tunnels_exchange(uint64_t busy, uint64_t total);

/* Ends all tunnels and waits for the far end's FIN. */
void tunnels_close(void);

#endif
