/* SPDX-License-Identifier: MIT */
#include "ipc/snapshot.h"

const char *
snapshot_state_name(unsigned state)
{
	static const char *const names[SNAPSHOT_STATES] = { "sniffing",
		"routing", "waiting", "dialling", "requesting", "answering",
		"tunnelling", "relaying" };

	return names[state];
}
