/* privileges.h - whom the master becomes once the port is bound, and what its
 * children may still do. setresuid(2), capabilities(7). */

#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

#include "base/text.h"
#include "master/identity.h"

/* Becomes the identity, for good: no root and no capability comes back, in us
 * or in a child, but for the permitted CAP_SYS_CHROOT if chroot_later. Sets
 * no_new_privs, and lets no other process of the same user look into ours.
 * False with the reason in *error. */
bool privileges_drop(
    const struct identity *identity, bool chroot_later, struct text *error);

/* In a worker: makes `path` its root directory and gives up what that took;
 * 0, or -1 with errno. */
int privileges_chroot(const char *path);

/* In the resolver, which never does that: gives up the permission to. */
void privileges_drop_chroot(void);

#endif
