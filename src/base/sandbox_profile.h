/* sandbox_profile.h - the kinds of sandboxes, and what a child says of its
 * own. */

#ifndef SANDBOX_PROFILE_H
#define SANDBOX_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A column of the table in sandbox_table.c. */
enum sandbox_profile {
	SANDBOX_WORKER, /* only what the table allows */
	SANDBOX_RESOLVER, /* modules of the name service do more: a ban list */
};
enum { SANDBOX_PROFILES = SANDBOX_RESOLVER + 1 };

struct sandbox {
	enum sandbox_profile profile;
	int listener_fd; /* worker: shared with others, for accept4 alone */
	const uint16_t *ports; /* that it may connect to by TCP */
	size_t port_count; /* 0: all ports */
	bool unix_sockets; /* resolver: modules of the name service use them */
};

#endif
