/* SPDX-License-Identifier: MIT */
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

/* It stops where it finds the byte. */
static inline void *
counted_memchr(const void *bytes, int byte, size_t length)
{
	void *found = memchr(bytes, byte, length);

	work += found == NULL
	    ? length
	    : (size_t)((char *)found - (const char *)bytes) + 1;
	return found;
}

/* clang-format off */
#define while(...) while (work++, (__VA_ARGS__))
#define for(...) for (__VA_ARGS__) if (work++, 0) { } else
/* clang-format on */
#define memchr(bytes, byte, length) counted_memchr(bytes, byte, length)
#define memcpy(to, from, length) (work += (length), memcpy(to, from, length))
#define memset(to, byte, length) (work += (length), memset(to, byte, length))

#define host_name_parse counted_host_name_set
#define host_name_collect counted_host_name_collect
#define tls_client_hello_init counted_tls_client_hello_init
#define tls_client_hello_scan counted_tls_client_hello_scan
#define http_request_head_init counted_http_request_head_init
#define http_request_head_scan counted_http_request_head_scan
#define http_request_head_is_doubtful counted_http_request_head_is_doubtful
#define connect_response_init counted_connect_response_init
#define connect_response_parse counted_connect_response_parse
#define connect_response_init_relayed counted_connect_response_init_relayed
#define connect_response_is_challenge counted_connect_response_is_challenge
#define connect_response_is_final counted_connect_response_is_final
#define challenges_read counted_challenges_read
#define challenges_end_field counted_challenges_end_field
#define ascii_hex_value counted_ascii_hex_value
#define ascii_compare counted_ascii_compare
#define ascii_spells counted_ascii_spells
#define ascii_trim counted_ascii_trim
#define host_name_are_bytes counted_host_name_are_bytes
#define authority_split counted_authority_split
#define relay_field_of counted_relay_field_of
#define relay_field_is_dropped counted_relay_field_is_dropped
#define relay_field_is_name counted_relay_field_is_name
#define relay_field_take counted_relay_field_take
#define relay_field_element counted_relay_field_element
#define relay_head_init counted_relay_head_init
#define relay_head_scan counted_relay_head_scan
#define relay_head_name counted_relay_head_name
#define relay_head_is_repeatable counted_relay_head_is_repeatable
#define relay_head_room counted_relay_head_room
#define relay_head_write counted_relay_head_write
#define request_body_plain counted_request_body_plain
#define request_body_chunked counted_request_body_chunked
#define request_body_count counted_request_body_count
#define request_body_data_left counted_request_body_data_left
#define request_body_skip counted_request_body_skip

#endif
