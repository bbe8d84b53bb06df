/* SPDX-License-Identifier: MIT */
/* credentials.h - user and password for upstreams: the file for each
 * upstream, and its content in encoded form.
 * At the start, in the master and, read-only, in workers. Other processes wipe
 * them. No error text has a byte of a file. */

#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base64.h"
#include "base/text.h"
#include "config/upstream_list.h"

enum {
	CREDENTIALS_MAX = 9, /* one for each upstream, one for the rest */
	CREDENTIALS_PART_BYTES = 255, /* of a user, and of a password */
	CREDENTIALS_ENCODED_SIZE = BASE64_LENGTH(2 * 255 + 1) + 1,
};

struct credential {
	char host[CONFIG_HOST_SIZE]; /* "": upstreams without their own */
	uint16_t port; /* 0: any */
	char path[PATH_MAX];
	char encoded[CREDENTIALS_ENCODED_SIZE]; /* "": not read */
};

/* A value without pointers, all bytes 0 behind its end. */
struct credentials {
	unsigned count;
	struct credential list[CREDENTIALS_MAX];
};

/* Reads each file. False with the reason, which names the file, in *error;
 * *credentials is then undefined. */
bool credentials_read(struct credentials *credentials, struct text *error);

/* Those for the upstream: the nearest of its host and port, its host, any.
 * NULL: none. */
const struct credential *credentials_find(const struct credentials *credentials,
    const struct config_upstream *upstream);

/* Whether its HOST[:PORT] is the upstream. */
bool credential_names(const struct credential *credential,
    const struct config_upstream *upstream);

/* Overwrites the content of all files. */
void credentials_wipe(struct credentials *credentials);

#endif
