/* SPDX-License-Identifier: MIT */
#include "worker/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ascii.h"
#include "base/descriptor.h"
#include "event/deadlines.h"

/* Of many addresses each would have too little time to answer: the next probe
 * begins with those that this one leaves out. */
enum { PROBE_MS = 5000, ATTEMPTS_MAX = 4 };

static const char request[] = "OPTIONS * HTTP/1.0\r\n\r\n";

/* What a step needs beside the probe. */
struct surroundings {
	struct socket_set *sockets;
	const struct upstream_addresses *addresses;
	int64_t now_ms;
};

void
probe_close(struct probe *probe)
{
	watch_close(&probe->watch);
	probe->has_asked = false;
	probe->answer_length = 0;
}

static enum probe_verdict
end(struct probe *probe, enum probe_verdict verdict)
{
	probe_close(probe);
	return verdict;
}

/* What this host lacks says nothing about the upstream. */
static enum probe_verdict
verdict_of(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
	case EADDRNOTAVAIL:
		return PROBE_IMPOSSIBLE;
	default:
		return PROBE_BAD;
	}
}

static enum probe_verdict
fail(struct probe *probe, int error)
{
	probe->cause = strerror(error);
	return end(probe, verdict_of(error));
}

static enum probe_verdict
connect_to(struct probe *probe, struct socket_set *sockets,
    const struct address *address)
{
	int fd = socket(address->any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	probe->watch.fd = fd;
	if (fd == -1)
		return fail(probe, errno);
	if (connect(fd, &address->any, address_length(address)) == -1 &&
	    errno != EINPROGRESS)
		return fail(probe, errno);
	if (socket_set_want(sockets, &probe->watch, SOCKET_WRITABLE) == -1)
		return fail(probe, ENOMEM);
	return PROBE_RUNS;
}

/* The next address, each with an equal share of the time that is left. */
static enum probe_verdict
attempt(struct probe *probe, const struct surroundings *around)
{
	unsigned count = around->addresses->count;
	unsigned max = count < ATTEMPTS_MAX ? count : ATTEMPTS_MAX;
	enum probe_verdict verdict = PROBE_BAD;

	probe_close(probe);
	while (verdict == PROBE_BAD && probe->attempts < max &&
	    around->now_ms < probe->until_ms) {
		int64_t left_ms = probe->until_ms - around->now_ms;

		probe->attempt_until_ms =
		    around->now_ms + left_ms / (max - probe->attempts);
		probe->attempts++;
		verdict = connect_to(probe, around->sockets,
		    &around->addresses->list[probe->first++ % count]);
	}
	return verdict;
}

static enum probe_verdict
try_next(
    struct probe *probe, const struct surroundings *around, const char *cause)
{
	probe->cause = cause;
	return attempt(probe, around);
}

/* Of a socket that was opened. */
static enum probe_verdict
take_error(struct probe *probe, const struct surroundings *around, int error)
{
	return verdict_of(error) == PROBE_IMPOSSIBLE
	    ? fail(probe, error)
	    : try_next(probe, around, strerror(error));
}

static enum probe_verdict
ask(struct probe *probe, const struct surroundings *around)
{
	ssize_t count =
	    send(probe->watch.fd, request, sizeof request - 1, MSG_NOSIGNAL);

	if (count == -1)
		return take_error(probe, around, errno);
	if (count < (ssize_t)sizeof request - 1)
		return try_next(probe, around, "takes no request");
	if (socket_set_want(around->sockets, &probe->watch, SOCKET_READABLE) ==
	    -1)
		return fail(probe, ENOMEM);
	probe->has_asked = true;
	return PROBE_RUNS;
}

/* "HTTP/1.0 200" and the like. */
static bool
is_status_line(const unsigned char answer[PROBE_ANSWER_BYTES])
{
	static const char pattern[] = "HTTP/0.0 000";

	for (size_t i = 0; i < PROBE_ANSWER_BYTES; i++) {
		if (pattern[i] == '0' ? !ascii_is_digit(answer[i])
				      : pattern[i] != (char)answer[i])
			return false;
	}
	return true;
}

static enum probe_verdict
hear(struct probe *probe, const struct surroundings *around)
{
	ssize_t count =
	    recv(probe->watch.fd, probe->answer + probe->answer_length,
		sizeof probe->answer - probe->answer_length, 0);

	if (count == -1 && (errno == EAGAIN || errno == EINTR))
		return PROBE_RUNS;
	if (count == -1)
		return take_error(probe, around, errno);
	if (count == 0)
		return try_next(
		    probe, around, "closed before the end of its header");
	probe->answer_length += (size_t)count;
	if (probe->answer_length < sizeof probe->answer)
		return PROBE_RUNS;
	if (is_status_line(probe->answer))
		return end(probe, PROBE_GOOD);
	return try_next(probe, around, "malformed header");
}

static enum probe_verdict
take_event(
    struct probe *probe, const struct surroundings *around, uint32_t events)
{
	if (probe->watch.fd == -1)
		return PROBE_RUNS;
	if (probe->has_asked)
		return hear(probe, around);
	if ((events & SOCKET_TROUBLE) == 0)
		return ask(probe, around);
	return take_error(
	    probe, around, descriptor_socket_error(probe->watch.fd));
}

enum probe_verdict
probe_step(struct probe *probe, struct socket_set *sockets,
    const struct upstream_addresses *addresses, int64_t now_ms,
    enum probe_reason reason, uint32_t events)
{
	const struct surroundings around = { sockets, addresses, now_ms };

	switch (reason) {
	case PROBE_BEGINS:
		probe->attempts = 0;
		probe->until_ms = now_ms + PROBE_MS;
		return attempt(probe, &around);
	case PROBE_EVENT:
		return take_event(probe, &around, events);
	case PROBE_DEADLINE:
		return try_next(probe, &around, "timed out");
	}
	return PROBE_RUNS;
}

int64_t
probe_due_ms(const struct probe *probe)
{
	return probe->watch.fd == -1 ? DEADLINE_NEVER : probe->attempt_until_ms;
}
