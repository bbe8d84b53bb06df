/* work.h - counts what a parser does, without a clock and without a word about
 * it in the parser: the fuzz target includes the parser's source behind this
 * header, which makes each turn of a loop count one, and each call of a mem*
 * function as many as it is given bytes. Nothing else in these parsers takes
 * more than constant time: they do not recurse, and call nothing but each
 * other. The names that other files see are changed, since the program is
 * linked with the parsers as they are, too. */

#ifndef WORK_H
#define WORK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t work;

/* clang-format off */
#define while(...) while (work++, (__VA_ARGS__))
#define for(...) for (__VA_ARGS__) if (work++, 0) { } else
/* clang-format on */
#define memchr(bytes, byte, length) \
	(work += (length), memchr(bytes, byte, length))
#define memcpy(to, from, length) (work += (length), memcpy(to, from, length))
#define memset(to, byte, length) (work += (length), memset(to, byte, length))

#define host_name_set counted_host_name_set
#define host_name_collect counted_host_name_collect
#define tls_client_hello_init counted_tls_client_hello_init
#define tls_client_hello_scan counted_tls_client_hello_scan
#define http_request_head_init counted_http_request_head_init
#define http_request_head_scan counted_http_request_head_scan
#define connect_response_init counted_connect_response_init
#define connect_response_parse counted_connect_response_parse

#endif
