/* SPDX-License-Identifier: MIT */
#include "resolver/asker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/interface.h"

struct asker {
	enum lookup_family family;
	const struct config_upstream *upstream;
	int questions_fd;
	int answers_fd;
};

/* An answer must be written at once. */
_Static_assert(
    sizeof(struct lookup_result) <= PIPE_BUF, "a result must fit into a pipe");

/* The name service's order is kept: it is the administrator's. The hosts file
 * may name an address twice. */
static void
collect(
    struct lookup_result *result, const struct addrinfo *found, uint16_t port)
{
	struct upstream_addresses *known = &result->known;

	for (; found != NULL; found = found->ai_next) {
		struct address address;

		memset(&address, 0, sizeof address);
		memcpy(&address, found->ai_addr, found->ai_addrlen);
		address_set_port(&address, port);
		address_unmap(&address);
		if (upstream_addresses_has(known, &address))
			continue;
		result->found++;
		if (known->count < UPSTREAM_ADDRESSES_MAX)
			known->list[known->count++] = address;
	}
}

/* Others may pass: a name server that is silent, or that refuses to answer. */
static bool
is_final(int error)
{
	return error != EAI_AGAIN && error != EAI_FAIL && error != EAI_MEMORY &&
	    error != EAI_SYSTEM;
}

/* The address in front of an interface, which getaddrinfo(3) of musl does not
 * find in a sandbox: "fe80::1%wan". 0, or an error as that function has. */
static int
zoned_parse(const struct config_upstream *upstream, const char *zone,
    struct address *address)
{
	char ip[sizeof upstream->host];
	size_t length = (size_t)(zone - upstream->host);

	memcpy(ip, upstream->host, length);
	ip[length] = '\0';
	if (!address_parse(address, ip, upstream->port) ||
	    address->any.sa_family != AF_INET6)
		return EAI_NONAME;
	address->v6.sin6_scope_id = interface_index(zone + 1);
	return address->v6.sin6_scope_id != 0 ? 0 : EAI_SYSTEM;
}

static void
look_up_zoned(
    const struct asker *asker, const char *zone, struct lookup_result *result)
{
	struct address *address = &result->known.list[0];

	result->error = zoned_parse(asker->upstream, zone, address);
	result->error_number = errno;
	if (result->error == 0 && asker->family == LOOKUP_IPV4)
		result->error = EAI_NONAME;
	result->is_final = is_final(result->error);
	if (result->error == 0)
		result->found = result->known.count = 1;
}

static void
look_up(const struct asker *asker, struct lookup_result *result)
{
	const char *zone = strchr(asker->upstream->host, '%');
	const struct addrinfo hints = {
		.ai_family = asker->family == LOOKUP_IPV4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;

	memset(result, 0, sizeof *result);
	result->family = asker->family;
	if (zone != NULL) {
		look_up_zoned(asker, zone, result);
		return;
	}
	result->error =
	    getaddrinfo(asker->upstream->host, NULL, &hints, &found);
	result->error_number = errno;
	result->is_final = is_final(result->error);
	if (result->error != 0)
		return;
	collect(result, found, asker->upstream->port);
	freeaddrinfo(found);
}

/* Both ends of the pipes are this process's, and stay open. */
static void *
answer_questions(void *argument)
{
	const struct asker *asker = argument;
	struct lookup_result result;
	char question;

	while (read(asker->questions_fd, &question, 1) == 1) {
		look_up(asker, &result);
		if (write(asker->answers_fd, &result, sizeof result) == -1)
			break;
	}
	return NULL;
}

/* The default is often 8 MiB, and the process may have little memory. */
enum { STACK_BYTES = 512 * 1024 };

/* Errors are returned, not in errno. */
static int
thread_start(struct asker *asker)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(&thread, &attributes, answer_questions, asker);
	pthread_attr_destroy(&attributes);
	return error;
}

int
asker_start(enum lookup_family family, const struct config_upstream *upstream,
    int answers_fd)
{
	static struct asker askers[LOOKUP_FAMILIES];
	struct asker *asker = &askers[family];
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	*asker = (struct asker){ family, upstream, fds[0], answers_fd };
	if ((error = thread_start(asker)) == 0)
		return fds[1];
	descriptor_close(&fds[0]);
	descriptor_close(&fds[1]);
	errno = error;
	return -1;
}

bool
asker_ask(int questions_fd)
{
	return write(questions_fd, "", 1) == 1;
}
