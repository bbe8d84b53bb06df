/* SPDX-License-Identifier: MIT */
#include "resolver/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process_name.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "ipc/master_pipe.h"
#include "resolver/asker.h"
#include "resolver/name_services.h"

struct resolver {
	int control_fd; /* from the master */
	int answers_fd; /* from the threads */
	int questions_fds[LOOKUP_FAMILIES];
	struct message_reader control;
	unsigned index; /* of the upstream */
	const struct config_upstream *upstream;
	bool failing; /* and the log says so */
	bool crowded; /* the same of more addresses than are used */
	struct lookup lookup;
};

/* Said where it begins and where it ends, not each time. */
static void
note_failure(struct resolver *resolver)
{
	const struct lookup *lookup = &resolver->lookup;
	const struct lookup_result *cause = lookup_cause(lookup);

	if (!resolver->failing)
		log_warning("the upstream's name %s does not resolve%s "
			    "cause=\"%s\"",
		    resolver->upstream->host,
		    lookup->has_answer || lookup->has_inherited
			? ", its last addresses stay in use"
			: ", connections wait",
		    cause->error == EAI_SYSTEM ? strerror(cause->error_number)
					       : gai_strerror(cause->error));
	resolver->failing = true;
}

static void
note_answer(struct resolver *resolver, unsigned found)
{
	const char *host = resolver->upstream->host;
	bool crowded = found > UPSTREAM_ADDRESSES_MAX;

	if (resolver->failing)
		log_notice("the upstream's name %s resolves again", host);
	resolver->failing = false;
	if (crowded && !resolver->crowded)
		log_warning("the upstream's name %s has %u addresses, of which "
			    "the first %d are used",
		    host, found, UPSTREAM_ADDRESSES_MAX);
	resolver->crowded = crowded;
}

/* An answer that finds no room on its way to the master is asked for again. */
static void
tell_master(struct resolver *resolver)
{
	struct message_addresses answer = { .upstream = resolver->index };
	unsigned found = lookup_addresses(&resolver->lookup, &answer.known);

	if (answer.known.count == 0)
		return;
	if (master_pipe_addresses(&answer))
		note_answer(resolver, found);
	else
		lookup_want(&resolver->lookup);
}

static void
read_answer(struct resolver *resolver)
{
	struct lookup_result result;

	if (read(resolver->answers_fd, &result, sizeof result) != sizeof result)
		return;
	master_pipe_state(MESSAGE_LOOKING);
	switch (lookup_take(&resolver->lookup, &result)) {
	case LOOKUP_ANSWER:
		tell_master(resolver);
		break;
	case LOOKUP_FAILURE:
		note_failure(resolver);
		break;
	case LOOKUP_NOTHING:
		break;
	}
}

/* Ends where the master is gone, or is no master of ours. */
static void
read_control(struct resolver *resolver)
{
	int filled = message_fill(&resolver->control, resolver->control_fd);
	enum message_verdict verdict = MESSAGE_PARTIAL;
	struct message message;

	if (filled == -1)
		return;
	if (filled == 1) {
		while ((verdict = message_next(&resolver->control, MESSAGE_DOWN,
			    &message)) == MESSAGE_WHOLE) {
			if (message.kind == MESSAGE_LOOKUP)
				lookup_want(&resolver->lookup);
		}
	}
	if (filled == 0 || verdict == MESSAGE_INVALID)
		exit(EXIT_SUCCESS);
}

/* Until the next query is due, or until the master or a thread says something.
 */
static void
wait_for_work(struct resolver *resolver)
{
	struct pollfd slots[] = { { resolver->control_fd, POLLIN, 0 },
		{ resolver->answers_fd, POLLIN, 0 } };
	int64_t due_ms = lookup_due_ms(&resolver->lookup);
	int timeout_ms = -1;

	if (due_ms != INT64_MAX) {
		due_ms -= clock_now_ms();
		timeout_ms = due_ms < 0 ? 0 : (int)due_ms;
	}
	if (poll(slots, 2, timeout_ms) > 0) {
		if (slots[0].revents != 0)
			read_control(resolver);
		if (slots[1].revents != 0)
			read_answer(resolver);
	}
	master_pipe_catch_up();
}

static void
fail(const char *words)
{
	log_error("%s cause=\"%s\"", words, strerror(errno));
	exit(EXIT_FAILURE);
}

static void
ask_what_is_due(struct resolver *resolver)
{
	int64_t now_ms = clock_now_ms();

	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		enum lookup_family family = (enum lookup_family)i;

		if (!lookup_is_due(&resolver->lookup, family, now_ms))
			continue;
		lookup_ask(&resolver->lookup, family, now_ms);
		/* The master takes a resolver that says nothing for hung. */
		master_pipe_state(MESSAGE_LOOKING);
		if (!asker_ask(resolver->questions_fds[family]))
			fail("cannot ask for the upstream's name");
	}
}

static bool
askers_open(struct resolver *resolver)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return false;
	resolver->answers_fd = fds[0];
	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		int fd = asker_start(
		    (enum lookup_family)i, resolver->upstream, fds[1]);

		if (fd == -1)
			return false;
		resolver->questions_fds[i] = fd;
	}
	return true;
}

/* The process may hang in a module of the name service, so the kernel is asked
 * to end it with its parent, and TERM to end it at any time. */
static void
end_with_parent(void)
{
	sigset_t none;

	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* The first worker has logged what this machine lacks. */
static void
confine(const struct role *role)
{
	const uint16_t name_server_port = 53;
	bool any_module = name_services_need_unix_sockets();
	const struct sandbox sandbox = {
		.profile = SANDBOX_RESOLVER,
		.listener_fd = -1,
		.ports = &name_server_port,
		.port_count = any_module ? 0 : 1,
		.unix_sockets = any_module,
	};
	char words[128];
	struct text missing = text_in(words, sizeof words);

	if (role->config->sandbox)
		sandbox_enter(&sandbox, &missing);
}

void
resolver_main(const struct role *role)
{
	static struct resolver resolver;
	const struct rlimit none = { 0, 0 };

	process_name_set("handyproxy:dns");
	end_with_parent();
	/* resolv.conf(5): silence is met by asking again after two seconds. */
	setenv("RES_OPTIONS", "timeout:2 attempts:4", 0);
	confine(role);
	resolver = (struct resolver){
		.control_fd = role->control_fd,
		.index = role->number,
		.upstream = &role->config->upstreams.list[role->number],
	};
	resolver.lookup.has_inherited = role->upstreams[role->number].count > 0;
	if (!askers_open(&resolver))
		fail("cannot start a thread");
	setrlimit(RLIMIT_NPROC, &none);
	for (;;) {
		ask_what_is_due(&resolver);
		wait_for_work(&resolver);
	}
}
