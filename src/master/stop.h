/* SPDX-License-Identifier: MIT */
/* stop.h - the end of the daemon, as SIGTERM and SIGINT ask for it. Master
 * only.
 */

#ifndef STOP_H
#define STOP_H

#include "master/supervisor.h"

/* No more clients; what is open has until -drain-timeout. A second call ends
 * it at once. */
void stop_begin(struct supervisor *supervisor);

#endif
