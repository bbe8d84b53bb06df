/* SPDX-License-Identifier: MIT */
/* server.h - the status process: answers who asks at -status-address. Its
 * listener is the only socket that it shares, and it makes none. It never
 * waits for a peer, and sleeps while nobody asks. */

#ifndef STATUS_SERVER_H
#define STATUS_SERVER_H

#include "ipc/role.h"

role_main status_main;

#endif
