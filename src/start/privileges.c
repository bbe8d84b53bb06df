/* SPDX-License-Identifier: MIT */
#include "start/privileges.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/capabilities.h"

/* In a user namespace that its maker alone is in, nobody may change groups. */
static int
drop_groups(const struct identity *identity)
{
	if (setgroups(1, &identity->gid) == 0)
		return 0;
	return errno == EPERM && geteuid() == identity->uid &&
		getegid() == identity->gid
	    ? 0
	    : -1;
}

static bool
become(const struct identity *identity, struct text *error)
{
	if (drop_groups(identity) == -1 ||
	    setresgid(identity->gid, identity->gid, identity->gid) == -1 ||
	    setresuid(identity->uid, identity->uid, identity->uid) == -1) {
		text_format(error, "cannot become user %u, group %u: %s%s",
		    (unsigned)identity->uid, (unsigned)identity->gid,
		    strerror(errno),
		    errno == EPERM ? " (root without the capabilities SETUID "
				     "and SETGID: add them, or start as that "
				     "user)"
				   : "");
		return false;
	}
	return true;
}

/* Proves that what was dropped does not come back. */
static bool
is_dropped(const struct identity *identity, struct text *error)
{
	if (!identity->change || identity->uid == 0)
		return true;
	if (setresuid(0, 0, 0) == -1 &&
	    (identity->gid == 0 || setresgid(0, 0, 0) == -1))
		return true;
	text_append(error, "root's privileges cannot be dropped");
	return false;
}

bool
privileges_drop(
    const struct identity *identity, bool chroot_later, struct text *error)
{
	if (chroot_later && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1) {
		text_format(error, "-chroot: %s", strerror(errno));
		return false;
	}
	if (identity->change && !become(identity, error))
		return false;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (capabilities_keep(chroot_later ? CAPABILITY_CHROOT_LATER
					   : CAPABILITY_NONE) == -1) {
		text_format(error, "%s: %s",
		    chroot_later ? "-chroot" : "cannot drop capabilities",
		    strerror(errno));
		return false;
	}
	if (!is_dropped(identity, error))
		return false;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		text_format(error, "no_new_privs: %s", strerror(errno));
		return false;
	}
	return true;
}
