/* SPDX-License-Identifier: MIT */
#include "master/child_kind.h"

#include <stdio.h>

#include "ipc/message.h"

const struct child_kind_row child_kinds[CHILD_KINDS] = {
	[CHILD_WORKER] = {
		.name = "worker",
		.is_numbered = true,
		.sends = 1U << MESSAGE_LINE | 1U << MESSAGE_SERVING |
		    1U << MESSAGE_DRAINING | 1U << MESSAGE_FULL |
		    1U << MESSAGE_LISTED | 1U << MESSAGE_ROOM |
		    1U << MESSAGE_LOOKUP |
		    1U << MESSAGE_SILENT,
		.has_clients = true,
		.changes_root = true,
		.oom_score = 500,
		.memory_mib = 16,
		.needs_credentials = true,
	},
	[CHILD_RESOLVER] = {
		.name = "resolver",
		.sends = 1U << MESSAGE_LINE | 1U << MESSAGE_ADDRESSES |
		    1U << MESSAGE_LOOKING,
		.silence_max_ms = 30 * 1000,
		.memory_mib = 32, /* for modules of the name service */
	},
	[CHILD_LOG_WRITER] = {
		.name = "log writer",
		.outlives_stop = true,
		.memory_mib = 16,
	},
	[CHILD_STATUS] = {
		.name = "status",
		.sends = 1U << MESSAGE_LINE | 1U << MESSAGE_SERVING |
		    1U << MESSAGE_LIST,
		.changes_root = true,
		.oom_score = 500,
		.memory_mib = 16, /* for answers that are read slowly */
	},
};

const char *
child_kind_name(
    enum child_kind kind, unsigned number, char name[CHILD_NAME_SIZE])
{
	if (child_kinds[kind].is_numbered)
		snprintf(name, CHILD_NAME_SIZE, "%s %u", child_kinds[kind].name,
		    number);
	else
		snprintf(name, CHILD_NAME_SIZE, "%s", child_kinds[kind].name);
	return name;
}
