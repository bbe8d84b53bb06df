/* SPDX-License-Identifier: MIT */
/* identity.h - the user and the group that the daemon becomes. At the start.
 * getpwnam(3) */

#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"
#include "config/config.h"

struct identity {
	bool change; /* false: we are not root, or it cannot be done here */
	uid_t uid;
	gid_t gid;
	char warning[160]; /* for the log, once there is one; or "" */
};

/* Looks up -user and -group. False with the reason in *error where a
 * configured one does not exist. */
bool identity_find(
    const struct config *config, struct identity *identity, struct text *error);

#endif
