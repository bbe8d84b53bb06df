/* SPDX-License-Identifier: MIT */
/* tls_client_hello.h - finds the server's name in the first bytes of a TLS
 * stream, over any number of records and segments.
 * Pure: no system calls, no allocation; the struct needs no clearing. */

#ifndef TLS_CLIENT_HELLO_H
#define TLS_CLIENT_HELLO_H

#include <stdint.h>

#include "protocol/host_name.h"
#include "protocol/scan.h"

/* The fields of the message in their order, as far as they matter. */
enum tls_field {
	TLS_MESSAGE_TYPE,
	TLS_MESSAGE_LENGTH,
	TLS_VERSION_AND_RANDOM,
	TLS_SESSION_ID_LENGTH,
	TLS_SESSION_ID,
	TLS_CIPHER_SUITES_LENGTH,
	TLS_CIPHER_SUITES,
	TLS_COMPRESSION_METHODS_LENGTH,
	TLS_COMPRESSION_METHODS,
	TLS_EXTENSIONS_LENGTH,
	TLS_EXTENSION_TYPE,
	TLS_EXTENSION_LENGTH,
	TLS_EXTENSION_DATA, /* of an extension that is not server_name */
	TLS_NAME_LIST_LENGTH,
	TLS_NAME_TYPE,
	TLS_NAME_LENGTH,
	TLS_HOST_NAME,
	TLS_OTHER_NAME,
};

struct tls_client_hello {
	unsigned char record_header; /* how many of its bytes have come */
	uint16_t record_left; /* what is to come of the record behind it */

	enum tls_field field;
	uint32_t field_left;
	uint32_t number; /* the field's value so far, if it is a number */
	uint32_t type; /* of the extension or name whose length comes next */

	/* Where we are in the message; where it and the extension end. */
	uint32_t offset;
	uint32_t message_end;
	uint32_t extension_end;

	struct host_name_pieces name;
};

void tls_client_hello_init(struct tls_client_hello *hello);

/* Reads the bytes that follow those of the calls before; FOUND sets *name, as
 * soon as its last byte has come. The first host_name in the first server_name
 * extension decides. RFC 8446 5.1 (records), 4 and 4.1.2 (ClientHello),
 * RFC 6066 3 (server_name); what those allow only until TLS 1.2 is fine. */
enum scan tls_client_hello_scan(
    struct tls_client_hello *hello, struct span fresh, struct host_name *name);

#endif
