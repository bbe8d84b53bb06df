/* SPDX-License-Identifier: MIT */
/* sniff.h - looks for a host name in the first bytes of a client: the scanners
 * that see them, and what each has said so far. No I/O. */

#ifndef SNIFF_H
#define SNIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/host_name.h"
#include "protocol/http_request_head.h"
#include "protocol/relay_head.h"
#include "protocol/scan.h"
#include "protocol/tls_client_hello.h"

struct config;

struct sniff {
	/* MORE: the head is read for a relay, and no scanner looks yet.
	 * REQUEST: it is relayed. */
	enum relay_verdict relay_verdict;
	struct relay_head relay;
	enum scan tls_verdict;
	enum scan http_verdict;
	struct tls_client_hello tls;
	struct http_request_head http;
};

/* The first bytes are a request that is relayed. */
static inline bool
sniff_is_relayed(const struct sniff *sniff)
{
	return sniff->relay_verdict == RELAY_REQUEST;
}

/* Prepares for this destination port; false if nothing looks at the bytes. */
bool sniff_init(
    struct sniff *sniff, const struct config *config, uint16_t port);

/* Shows the fresh bytes to each scanner that has not decided. SCAN_FOUND with
 * *name; SCAN_NONE: no scanner will find a name. */
enum scan sniff_scan(
    struct sniff *sniff, struct span fresh, struct host_name *name);

#endif
