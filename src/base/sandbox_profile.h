/* sandbox_profile.h - the kinds of children that have a sandbox of their own.
 */

#ifndef SANDBOX_PROFILE_H
#define SANDBOX_PROFILE_H

/* A column of the table in sandbox_rules.c. */
enum sandbox_profile {
	SANDBOX_WORKER, /* only what the list of calls allows */
	SANDBOX_RESOLVER, /* modules of the name service do more: a ban list */
};
enum { SANDBOX_PROFILES = SANDBOX_RESOLVER + 1 };

#endif
