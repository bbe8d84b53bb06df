/* SPDX-License-Identifier: MIT */
/* handshake.h - what a connection needs only until its tunnel stands: the
 * private part of each state. All bytes 0 is how it begins. */

#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include "worker/dial.h"
#include "worker/request.h"
#include "worker/route.h"
#include "worker/sniff.h"

struct handshake {
	struct sniff sniff; /* SNIFFING */
	struct route route; /* ROUTING */
	struct dial dial; /* WAITING and DIALLING */
	struct request request; /* REQUESTING and ANSWERING */
};

#endif
