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

struct resolver {
	int control_fd; /* from the master */
	struct message_reader control;
	unsigned index; /* of the upstream */
	const struct config_upstream *upstream;
	bool has_answer;
	bool has_inherited; /* there are addresses from before it */
	bool failing; /* and the log says so */
	int64_t due_ms;
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
note_failure(struct resolver *resolver, int error)
{
	if (!resolver->failing)
		log_warning("the upstream's name %s does not resolve%s "
			    "cause=\"%s\"",
		    resolver->upstream->host,
		    resolver->has_answer || resolver->has_inherited
			? ", its last addresses stay in use"
			: ", connections wait",
		    error == EAI_SYSTEM ? strerror(errno)
					: gai_strerror(error));
	resolver->failing = true;
}

static void
note_answer(struct resolver *resolver)
{
	if (resolver->failing)
		log_notice("the upstream's name %s resolves again",
		    resolver->upstream->host);
	resolver->failing = false;
	resolver->has_answer = true;
}

/* An answer that finds no room on its way to the master is asked for again, as
 * if there were none. */
static void
ask(struct resolver *resolver)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct message_addresses answer = { .upstream = resolver->index };
	struct addrinfo *found = NULL;
	int error = getaddrinfo(resolver->upstream->host, NULL, &hints, &found);

	if (error != 0) {
		note_failure(resolver, error);
		return;
	}
	collect(&answer.known, found, resolver->upstream->port);
	freeaddrinfo(found);
	if (answer.known.count > 0 && master_pipe_addresses(&answer))
		note_answer(resolver);
}

static void
look_up(struct resolver *resolver)
{
	int64_t begun_ms = clock_now_ms();

	/* The master takes a resolver that says nothing for hung. */
	master_pipe_state(MESSAGE_LOOKING);
	ask(resolver);
	master_pipe_state(MESSAGE_LOOKING);
	resolver->due_ms = resolver->has_answer ? clock_now_ms() + AGAIN_MS
						: begun_ms + IMPATIENT_MS;
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
				resolver->due_ms = 0;
		}
	}
	if (filled == 0 || verdict == MESSAGE_INVALID)
		exit(EXIT_SUCCESS);
}

/* Until the next lookup is due, or until the master says something. */
static void
wait_for_work(struct resolver *resolver)
{
	struct pollfd slot = { resolver->control_fd, POLLIN, 0 };
	int64_t due_ms = resolver->due_ms - clock_now_ms();

	if (poll(&slot, 1, due_ms < 0 ? 0 : (int)due_ms) == 1)
		read_control(resolver);
	master_pipe_catch_up();
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

	process_name_set("handyproxy:dns");
	end_with_parent();
	/* resolv.conf(5): silence is met by asking again after two seconds. */
	setenv("RES_OPTIONS", "timeout:2 attempts:4", 0);
	confine(role);
	resolver = (struct resolver){
		.control_fd = role->control_fd,
		.index = role->number,
		.upstream = &role->config->upstreams.list[role->number],
		.has_inherited = role->upstreams[role->number].count > 0,
	};
	for (;;) {
		if (resolver.due_ms <= clock_now_ms())
			look_up(&resolver);
		wait_for_work(&resolver);
	}
}
