/* SPDX-License-Identifier: MIT */
/* privileges.h - the end of root, once the port is bound. At the start.
 * setresuid(2), capabilities(7) */

#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

#include "base/text.h"
#include "start/identity.h"

/* Becomes the identity, for good: no root and no capability comes back, in us
 * or in a child, but for the permitted CAP_SYS_CHROOT if chroot_later. Sets
 * no_new_privs, and lets no other process of the same user look into ours.
 * False with the reason in *error. */
bool privileges_drop(
    const struct identity *identity, bool chroot_later, struct text *error);

#endif
