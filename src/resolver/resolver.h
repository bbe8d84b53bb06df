/* SPDX-License-Identifier: MIT */
/* resolver.h - a resolver process: getaddrinfo(3) blocks, so each upstream that
 * has a name has such a process, with the upstream's index for its number. It
 * asks for the name, again and again, and sends each good answer to the master.
 * It serves nobody and reads nothing but what the name service sends. */

#ifndef RESOLVER_H
#define RESOLVER_H

#include "ipc/role.h"

role_main resolver_main;

#endif
