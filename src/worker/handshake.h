/* handshake.h - what a connection needs only until its tunnel stands: the
 * scanners and the bytes they looked at, the dial's place in the list of
 * addresses, the parser of the upstream's answer. connection.c makes and frees
 * it; all bytes 0 is how it begins. */

#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/connect_response.h"
#include "protocol/host_name.h"
#include "protocol/http_request_head.h"
#include "protocol/scan.h"
#include "protocol/tls_client_hello.h"

struct handshake {
	enum scan tls_verdict;
	enum scan http_verdict;
	struct tls_client_hello tls;
	struct http_request_head http;
	unsigned char *sniffed; /* owned: the client's first bytes, or NULL */
	size_t sniffed_length;
	size_t sniffed_capacity;
	int family; /* of the socket that was reserved for it */
	int64_t dial_until_ms;
	unsigned first; /* address to try, of the worker's list */
	unsigned attempts; /* addresses tried */
	bool no_local_port; /* for one of them; IPv6 says so if it is off */
	size_t requested; /* bytes of the CONNECT that are sent */
	struct connect_response response;
};

#endif
