/* SPDX-License-Identifier: MIT */
/* sandbox_profile.h - the kinds of sandboxes, and the parameters of one. */

#ifndef SANDBOX_PROFILE_H
#define SANDBOX_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A column of the table in sandbox_table.c. */
enum sandbox_profile {
	SANDBOX_WORKER, /* calls that the table allows, no others */
	SANDBOX_RESOLVER, /* all calls but those that the table bans */
	SANDBOX_STATUS, /* as a worker, without a socket of its own making */
};
enum { SANDBOX_PROFILES = SANDBOX_STATUS + 1 };

struct sandbox {
	enum sandbox_profile profile;
	int listener_fd; /* shared with others, for accept4 alone; -1: none */
	const uint16_t *ports; /* that it may connect to by TCP */
	size_t port_count; /* 0: all ports; status: none */
	bool unix_sockets; /* resolver: modules of the name service use them */
};

#endif
