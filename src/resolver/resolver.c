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

/* After an answer, and until the first good one. */
enum { AGAIN_MS = 20 * 1000, IMPATIENT_MS = 2 * 1000 };

struct resolver {
	const struct config_upstream *upstream;
	int control_fd;
	int answer_fd;
	bool has_answer;
	bool has_inherited; /* there are addresses from before it */
	bool failing; /* and the log knows */
};

/* The name service's order is kept: it is the administrator's. */
static void
collect(struct upstream_addresses *addresses, const struct addrinfo *found,
    uint16_t port)
{
	memset(addresses, 0, sizeof *addresses);
	for (; found != NULL && addresses->count < UPSTREAM_ADDRESSES;
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

static void
look_up(struct resolver *resolver)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct control_record answer = { .kind = CONTROL_ADDRESSES };
	struct addrinfo *found = NULL;
	int error = getaddrinfo(resolver->upstream->host, NULL, &hints, &found);

	if (error != 0) {
		note_failure(resolver, error);
		return;
	}
	collect(&answer.addresses, found, resolver->upstream->port);
	freeaddrinfo(found);
	if (answer.addresses.count == 0)
		return;
	note_answer(resolver);
	control_record_write(resolver->answer_fd, &answer);
}

/* Until the deadline, or until the master asks; never returns when it is
 * gone. */
static void
wait_until(struct resolver *resolver, int64_t until_ms)
{
	struct pollfd slot = { resolver->control_fd, POLLIN, 0 };
	struct control_record record;
	int64_t left_ms = until_ms - clock_now_ms();

	if (poll(&slot, 1, left_ms < 0 ? 0 : (int)left_ms) != 1)
		return;
	if (control_record_read(resolver->control_fd, &record) == 0)
		exit(EXIT_SUCCESS);
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
	struct resolver resolver = {
		.upstream = &role->config->upstream,
		.control_fd = role->control_fd,
		.answer_fd = role->answer_fd,
		.has_inherited = role->addresses.count > 0,
	};
	const char *missing;

	process_name_set("handyproxy:dns");
	end_with_parent();
	/* resolv.conf(5): silence is met by asking again after two seconds. */
	setenv("RES_OPTIONS", "timeout:2 attempts:4", 0);
	if (role->config->sandbox)
		sandbox_enter(SANDBOX_RESOLVER, &missing);
	for (;;) {
		int64_t begun_ms = clock_now_ms();

		look_up(&resolver);
		wait_until(&resolver,
		    resolver.has_answer ? clock_now_ms() + AGAIN_MS
					: begun_ms + IMPATIENT_MS);
	}
}
