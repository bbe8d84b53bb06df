/* address.h - an IPv4 or IPv6 socket address with its port, as a value.
 * Any process. No names are looked up here. */

#ifndef ADDRESS_H
#define ADDRESS_H

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

enum { ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN + sizeof "[]:65535" };

/* From its text ("192.0.2.1", "2001:db8::1"); false if it is none. */
bool address_parse(struct address *address, const char *text, uint16_t port);

/* An IPv4-mapped IPv6 address becomes the IPv4 one that it stands for. */
void address_unmap(struct address *address);

/* As the system's calls want it. */
socklen_t address_length(const struct address *address);

uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);
bool address_equal(const struct address *a, const struct address *b);

/* "192.0.2.1:443", "[2001:db8::1]:3128", "none". Returns text. */
const char *address_text(
    const struct address *address, char text[ADDRESS_TEXT_SIZE]);

#endif
