/* SPDX-License-Identifier: MIT */
/* connect_headers.h - fields that are added to each CONNECT. A value without
 * pointers, all bytes 0 behind its end. */

#ifndef CONNECT_HEADERS_H
#define CONNECT_HEADERS_H

enum { CONNECT_HEADERS_MAX = 8, CONNECT_HEADER_SIZE = 512 };

struct connect_headers {
	unsigned count;
	char list[CONNECT_HEADERS_MAX][CONNECT_HEADER_SIZE]; /* NAME: VALUE */
};

#endif
