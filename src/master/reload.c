/* SPDX-License-Identifier: MIT */
#include "master/reload.h"

#include "base/core_dump.h"
#include "base/log.h"
#include "config/options.h"
#include "master/books.h"
#include "master/log_sink.h"
#include "master/snapshot.h"

static void
note_scope_of_change(enum option_scope scope, const char *name, void *context)
{
	bool *workers_changed = context;

	if (scope == OPTION_OF_START)
		log_warning("-%s cannot change without a restart", name);
	if (scope == OPTION_OF_WORKERS)
		*workers_changed = true;
}

static void
adopt(struct supervisor *supervisor, struct config *fresh)
{
	struct config *config = &supervisor->config;
	bool workers_changed = false;
	bool limits_changed = fresh->workers != config->workers ||
	    fresh->max_connections != config->max_connections ||
	    fresh->max_per_client != config->max_per_client;

	options_compare(config, fresh, note_scope_of_change, &workers_changed);
	options_copy_scope(fresh, config, OPTION_OF_START);
	*config = *fresh;
	if (config->upstream_credentials.count > 0)
		core_dump_forbid();
	log_sink_reopen(config);
	if (workers_changed)
		supervisor->generation++;
	upstreams_configure(
	    &supervisor->upstreams, &supervisor->children, &config->upstreams);
	snapshot_configure(supervisor);
	if (limits_changed)
		supervisor->capacity = limits_capacity(config);
	log_notice("configuration read again, workers %s",
	    workers_changed ? "are replaced" : "stay");
}

void
reload_run(struct supervisor *supervisor, const struct invocation *invocation)
{
	static struct config fresh;
	char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);

	if (options_load(&fresh, invocation->argc, invocation->argv,
		invocation->directory, &error) &&
	    credentials_read(&fresh.upstream_credentials, &error)) {
		adopt(supervisor, &fresh);
		books_note_reload(supervisor->books, false, supervisor->now_ms);
	} else {
		books_note_reload(supervisor->books, true, supervisor->now_ms);
		log_sink_reopen(&supervisor->config);
		log_error("the configuration is wrong, the old one stays in "
			  "use: %s",
		    words);
	}
	upstreams_lookup_all(&supervisor->upstreams);
	credentials_wipe(&fresh.upstream_credentials);
}
