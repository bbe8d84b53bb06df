/* SPDX-License-Identifier: MIT */
/* address.h - an IPv4 or IPv6 socket address with its port, as a value.
 * Any process. No hosts' names are looked up here. */

#ifndef ADDRESS_H
#define ADDRESS_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* The family says which member is in use; AF_UNSPEC (all bytes 0) is none. */
struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

enum {
	ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof "[%]:65535",
};

/* Parses "192.0.2.1" or "2001:db8::1"; false if the text is no address. */
bool address_parse(struct address *address, const char *text, uint16_t port);

/* 0.0.0.0 or `::`. */
bool address_is_wildcard(const struct address *address);

/* Turns an IPv4-mapped IPv6 address into the IPv4 address. */
void address_unmap(struct address *address);

/* The length that bind(2) and connect(2) take. */
socklen_t address_length(const struct address *address);

uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);

/* The interface of a link-local address; 0: it has none. */
unsigned address_interface(const struct address *address);

/* Also in their interface. */
bool address_equal(const struct address *a, const struct address *b);

/* "192.0.2.1", "2001:db8::1" (RFC 5952). Returns text. */
const char *address_ip_text(
    const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/* "192.0.2.1:443", "[2001:db8::1]:3128", "[fe80::1%wan]:3128", "none". Returns
 * text. errno stays. */
const char *address_text(
    const struct address *address, char text[ADDRESS_TEXT_SIZE]);

#endif
