#include "resolver/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process_name.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "ipc/master_pipe.h"
#include "resolver/name_services.h"

/* After an answer, and until the first good one. */
enum { AGAIN_MS = 20 * 1000, IMPATIENT_MS = 2 * 1000 };

/* An upstream's name that is looked up again and again. */
struct lookup {
	unsigned index; /* of the upstream */
	const struct config_upstream *upstream;
	bool has_answer;
	bool has_inherited; /* there are addresses from before it */
	bool failing; /* and the log says so */
	int64_t due_ms;
};

struct resolver {
	int control_fd; /* from the master */
	struct message_reader control;
	struct lookup lookups[UPSTREAMS_MAX];
	unsigned count;
};

/* The name service's order is kept: it is the administrator's. */
static void
collect(struct upstream_addresses *addresses, const struct addrinfo *found,
    uint16_t port)
{
	memset(addresses, 0, sizeof *addresses);
	for (; found != NULL && addresses->count < UPSTREAM_ADDRESSES_MAX;
	     found = found->ai_next) {
		struct address *address = &addresses->list[addresses->count];

		if (found->ai_family != AF_INET && found->ai_family != AF_INET6)
			continue;
		memcpy(address, found->ai_addr, found->ai_addrlen);
		address_set_port(address, port);
		address_unmap(address);
		addresses->count++;
	}
}

/* Said where it begins and where it ends, not each time. */
static void
note_failure(struct lookup *lookup, int error)
{
	if (!lookup->failing)
		log_warning("the upstream's name %s does not resolve%s "
			    "cause=\"%s\"",
		    lookup->upstream->host,
		    lookup->has_answer || lookup->has_inherited
			? ", its last addresses stay in use"
			: ", connections wait",
		    error == EAI_SYSTEM ? strerror(errno)
					: gai_strerror(error));
	lookup->failing = true;
}

static void
note_answer(struct lookup *lookup)
{
	if (lookup->failing)
		log_notice("the upstream's name %s resolves again",
		    lookup->upstream->host);
	lookup->failing = false;
	lookup->has_answer = true;
}

/* An answer that finds no room on its way to the master is asked for again, as
 * if there were none. */
static void
ask(struct lookup *lookup)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct message_addresses answer = { .upstream = lookup->index };
	struct addrinfo *found = NULL;
	int error = getaddrinfo(lookup->upstream->host, NULL, &hints, &found);

	if (error != 0) {
		note_failure(lookup, error);
		return;
	}
	collect(&answer.known, found, lookup->upstream->port);
	freeaddrinfo(found);
	if (answer.known.count > 0 && master_pipe_addresses(&answer))
		note_answer(lookup);
}

static void
look_up(struct lookup *lookup)
{
	int64_t begun_ms = clock_now_ms();

	ask(lookup);
	lookup->due_ms = lookup->has_answer ? clock_now_ms() + AGAIN_MS
					    : begun_ms + IMPATIENT_MS;
}

static void
make_due(struct resolver *resolver, unsigned index)
{
	for (unsigned i = 0; i < resolver->count; i++) {
		if (resolver->lookups[i].index == index)
			resolver->lookups[i].due_ms = 0;
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
				make_due(resolver, message.upstream);
		}
	}
	if (filled == 0 || verdict == MESSAGE_INVALID)
		exit(EXIT_SUCCESS);
}

/* Until the first lookup is due, or until the master says something. */
static void
wait_for_work(struct resolver *resolver)
{
	struct pollfd slot = { resolver->control_fd, POLLIN, 0 };
	int64_t due_ms = INT64_MAX;

	for (unsigned i = 0; i < resolver->count; i++) {
		if (resolver->lookups[i].due_ms < due_ms)
			due_ms = resolver->lookups[i].due_ms;
	}
	due_ms -= clock_now_ms();
	if (poll(&slot, 1, due_ms < 0 ? 0 : (int)due_ms) == 1)
		read_control(resolver);
	master_pipe_catch_up();
}

/* An upstream that is given as an address needs none. */
static void
lookups_open(struct resolver *resolver, const struct role *role)
{
	const struct upstream_set *upstreams = &role->config->upstreams;
	struct address address;

	for (unsigned i = 0; i < upstreams->count; i++) {
		if (address_parse(&address, upstreams->list[i].host, 0))
			continue;
		resolver->lookups[resolver->count++] = (struct lookup){
			.index = i,
			.upstream = &upstreams->list[i],
			.has_inherited = role->upstreams[i].count > 0,
		};
	}
}

/* A lookup can take long and looks at no pipe meanwhile, so the kernel is
 * asked to end it with its parent, and TERM to end it at any time. */
static void
end_with_parent(void)
{
	sigset_t none;

	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

void
resolver_main(const struct role *role)
{
	static struct resolver resolver;
	const struct sandbox sandbox = {
		.profile = SANDBOX_RESOLVER,
		.listener_fd = -1,
		.unix_sockets = name_services_need_unix_sockets(),
	};
	char words[128];
	struct text missing = text_in(words, sizeof words);

	process_name_set("handyproxy:dns");
	end_with_parent();
	/* resolv.conf(5): silence is met by asking again after two seconds. */
	setenv("RES_OPTIONS", "timeout:2 attempts:4", 0);
	if (role->config->sandbox)
		sandbox_enter(&sandbox, &missing);
	resolver.control_fd = role->control_fd;
	lookups_open(&resolver, role);
	for (;;) {
		for (unsigned i = 0; i < resolver.count; i++) {
			if (resolver.lookups[i].due_ms <= clock_now_ms())
				look_up(&resolver.lookups[i]);
		}
		wait_for_work(&resolver);
	}
}
