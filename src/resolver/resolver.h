/* resolver.h - the resolver process: getaddrinfo(3) blocks, so it is a
 * process of its own. It asks for the upstream's name, again and again, and
 * sends each good answer to the master. It serves nobody and reads nothing
 * but what the name service sends. */

#ifndef RESOLVER_H
#define RESOLVER_H

#include "ipc/role.h"

role_main resolver_main;

#endif
