/* SPDX-License-Identifier: MIT */
/* port_list.h - a set of TCP ports as an administrator writes it.
 * Any process. A value without pointers: copies and memcmp(3) are fine. */

#ifndef PORT_LIST_H
#define PORT_LIST_H

#include <stdbool.h>
#include <stdint.h>

enum { PORT_LIST_RANGES = 64 };

/* The first `count` ranges are in use; the others are all bytes 0. */
struct port_list {
	uint16_t count;
	struct port_range {
		uint16_t first;
		uint16_t last;
	} ranges[PORT_LIST_RANGES];
};

/* Parses "443,8443,9000-9100", "all" or "none". False if the text is no such
 * list, or has more than PORT_LIST_RANGES parts. */
bool port_list_parse(struct port_list *list, const char *text);

bool port_list_has(const struct port_list *list, uint16_t port);

#endif
