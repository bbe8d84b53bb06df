/* SPDX-License-Identifier: MIT */
/* destination_refusal.h - why a connection is closed because of where it leads,
 * either right after accept or once the addresses of the upstream are known. */

#ifndef DESTINATION_REFUSAL_H
#define DESTINATION_REFUSAL_H

#include "ipc/outcome.h"

struct destination_refusal {
	enum failure failure;
	const char *words;
	const char *cause;
};

#endif
