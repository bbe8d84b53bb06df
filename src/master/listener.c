/* SPDX-License-Identifier: MIT */
#include "master/listener.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

/* Accepted sockets inherit these options, or no client is accepted because of
 * them. An option whose value follows a sysctl would be taken for changed. */
static const struct option {
	int level;
	int name;
	const char *label;
	bool is_doubled; /* getsockopt(2) returns twice what was set */
} options[] = {
	{ SOL_SOCKET, SO_LINGER, "SO_LINGER", false },
	{ SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE", false },
	{ SOL_SOCKET, SO_OOBINLINE, "SO_OOBINLINE", false },
	{ SOL_SOCKET, SO_RCVLOWAT, "SO_RCVLOWAT", false },
	{ SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", true },
	{ SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF", true },
	{ IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY", false },
	{ IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE", false },
	{ IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL", false },
	{ IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT", false },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT, "TCP_DEFER_ACCEPT", false },
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, "TCP_WINDOW_CLAMP", false },
	{ IPPROTO_TCP, TCP_CONGESTION, "TCP_CONGESTION", false },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", false },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT", false },
	{ IPPROTO_IP, IP_TOS, "IP_TOS", false },
	{ IPPROTO_IP, IP_MINTTL, "IP_MINTTL", false },
	{ IPPROTO_IP, IP_MTU_DISCOVER, "IP_MTU_DISCOVER", false },
	{ IPPROTO_IP, IP_OPTIONS, "IP_OPTIONS", false },
	{ IPPROTO_IPV6, IPV6_TCLASS, "IPV6_TCLASS", false },
	{ IPPROTO_IPV6, IPV6_MINHOPCOUNT, "IPV6_MINHOPCOUNT", false },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, "IPV6_MTU_DISCOVER", false },
	{ IPPROTO_IPV6, IPV6_RTHDR, "IPV6_RTHDR", false },
};

_Static_assert(sizeof options / sizeof options[0] == LISTENER_OPTIONS,
    "a value for each option");

/* All bytes 0 where the kernel does not have the option. */
static struct listener_value
value_now(int fd, const struct option *option)
{
	struct listener_value value = { .length = sizeof value.bytes };

	if (getsockopt(fd, option->level, option->name, value.bytes,
		&value.length) == -1)
		value.length = 0;
	return value;
}

static bool
is_same(const struct listener_value *a, const struct listener_value *b)
{
	return a->length == b->length &&
	    memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void
set_number(int fd, const struct option *option, int number)
{
	setsockopt(fd, option->level, option->name, &number, sizeof number);
}

static void
restore_value(
    int fd, const struct option *option, const struct listener_value *value)
{
	enum { WIDEST_WINDOW = 65535 << 14 };
	int number;

	memcpy(&number, value->bytes, sizeof number);
	if (option->is_doubled)
		set_number(fd, option, number / 2);
	else if (option->name == TCP_WINDOW_CLAMP &&
	    option->level == IPPROTO_TCP && number == 0)
		/* The kernel refuses 0 on a socket that listens. */
		set_number(fd, option, WIDEST_WINDOW);
	else
		setsockopt(fd, option->level, option->name, value->bytes,
		    value->length);
}

static void
add_change(struct text *changes, const char *label)
{
	text_format(changes, "%s%s", changes->length > 0 ? ", " : "", label);
}

/* What cannot be restored is said once. */
static void
restore_options(struct listener *listener, struct text *changes)
{
	for (size_t i = 0; i < LISTENER_OPTIONS; i++) {
		struct listener_value *wanted = &listener->values[i];
		struct listener_value value =
		    value_now(listener->fd, &options[i]);

		if (is_same(&value, wanted))
			continue;
		add_change(changes, options[i].label);
		restore_value(listener->fd, &options[i], wanted);
		*wanted = value_now(listener->fd, &options[i]);
	}
}

/* A filter of packets can drop those of all clients. */
static void
remove_filter(int fd, struct text *changes)
{
	int none = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none) ==
	    0)
		add_change(changes, "SO_ATTACH_FILTER");
}

/* Workers would wait in accept4(2) for a client that another one took. */
static void
restore_flags(int fd, struct text *changes)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || (flags & (O_NONBLOCK | O_ASYNC)) == O_NONBLOCK)
		return;
	add_change(changes, "O_NONBLOCK");
	fcntl(fd, F_SETFL, (flags | O_NONBLOCK) & ~O_ASYNC);
}

/* shutdown(2) and connect(2) to no address end it; a connect that is still
 * under way is ended in the same way before it listens again. */
static void
restore_listening(int fd, struct text *changes)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	int listens = 0;
	socklen_t length = sizeof listens;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) ==
		-1 ||
	    listens != 0)
		return;
	add_change(changes, "it did not listen");
	if (listen(fd, INT_MAX) == -1 &&
	    connect(fd, &nobody, sizeof nobody) == 0)
		listen(fd, INT_MAX);
}

void
listener_remember(struct listener *listener, int fd)
{
	listener->fd = fd;
	listener->changed = false;
	for (size_t i = 0; i < LISTENER_OPTIONS; i++)
		listener->values[i] = value_now(fd, &options[i]);
}

bool
listener_restore(struct listener *listener)
{
	char words[512];
	struct text changes = text_in(words, sizeof words);

	if (listener->fd == -1)
		return false;
	restore_listening(listener->fd, &changes);
	restore_flags(listener->fd, &changes);
	remove_filter(listener->fd, &changes);
	restore_options(listener, &changes);
	if (changes.length == 0)
		return false;
	log_error("a worker has changed the listening socket, it is restored: "
		  "%s",
	    words);
	return true;
}

void
listener_queue(
    const struct listener *listener, uint32_t *length, uint32_t *limit)
{
	struct tcp_info info = { .tcpi_unacked = 0 };
	socklen_t size = sizeof info;

	*length = *limit = 0;
	if (listener->fd == -1 ||
	    getsockopt(listener->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == -1)
		return;
	*length = info.tcpi_unacked; /* of a socket that listens: tcp(7) */
	*limit = info.tcpi_sacked;
}

static void
kill_workers(struct children *children)
{
	log_error("the listening socket was changed again, all workers are "
		  "killed");
	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child_kinds[child->kind].has_clients)
			child_kill(child, CHILD_END_ROGUE);
	}
}

void
listener_tick(struct listener *listener, struct children *children)
{
	bool changed = listener_restore(listener);

	if (changed && listener->changed)
		kill_workers(children);
	listener->changed = changed && !listener->changed;
}
