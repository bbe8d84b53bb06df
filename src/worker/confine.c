/* SPDX-License-Identifier: MIT */
#include "worker/confine.h"

#include "base/core_dump.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "config/config.h"
#include "ipc/role.h"

void
confine_worker(const struct role *role)
{
	const struct upstream_set *upstreams = &role->config->upstreams;
	uint16_t ports[UPSTREAMS_MAX];
	const struct sandbox sandbox = {
		.profile = SANDBOX_WORKER,
		.listener_fd = role->listener_fd,
		.ports = ports,
		.port_count = route_table_has_direct(&role->config->route_table,
				  &role->config->routes)
		    ? 0 /* any */
		    : upstreams->count,
	};
	char words[128];
	struct text missing = text_in(words, sizeof words);

	for (unsigned i = 0; i < upstreams->count; i++)
		ports[i] = upstreams->list[i].port;
	core_dump_forbid();
	if (role->config->sandbox && !sandbox_enter(&sandbox, &missing) &&
	    role->is_first)
		log_warning("the workers' sandbox has no %s on this kernel or "
			    "architecture",
		    words);
}
