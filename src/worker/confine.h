/* SPDX-License-Identifier: MIT */
/* confine.h - the sandbox of a worker: which it is given by its configuration.
 */

#ifndef CONFINE_H
#define CONFINE_H

struct role;

/* From here on nothing can be opened. What the kernel does not offer is said
 * once. */
void confine_worker(const struct role *role);

#endif
