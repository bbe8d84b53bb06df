/* SPDX-License-Identifier: MIT */
#include "worker/silence_check.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "event/deadlines.h"

enum { CHECK_MS = 3000 };

/* A RST, before or behind the handshake, is an answer as well. An error that
 * the network reports is no answer of the address, nor is one of this host. */
static enum silence_verdict
verdict_of(int error)
{
	switch (error) {
	case 0:
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return SILENCE_BROKEN;
	case EINPROGRESS:
		return SILENCE_CHECKED_LATER;
	default:
		return SILENCE_HOLDS;
	}
}

static enum silence_verdict
end(struct silence_check *check, enum silence_verdict verdict)
{
	if (verdict != SILENCE_CHECKED_LATER)
		silence_check_close(check);
	return verdict;
}

enum silence_verdict
silence_check_begin(struct silence_check *check, struct socket_set *sockets,
    const struct address *address, int64_t now_ms)
{
	int fd = socket(address->any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	check->watch.fd = fd;
	check->address = *address;
	check->until_ms = now_ms + CHECK_MS;
	if (fd == -1)
		return SILENCE_HOLDS;
	if (connect(fd, &address->any, address_length(address)) == 0)
		return end(check, SILENCE_BROKEN);
	if (errno == EINPROGRESS &&
	    socket_set_want(sockets, &check->watch, SOCKET_WRITABLE) == -1)
		return end(check, SILENCE_HOLDS);
	return end(check, verdict_of(errno));
}

enum silence_verdict
silence_check_step(struct silence_check *check, uint32_t events)
{
	if ((events & SOCKET_TROUBLE) == 0)
		return end(check, SILENCE_BROKEN);
	return end(check, verdict_of(descriptor_socket_error(check->watch.fd)));
}

int64_t
silence_check_due_ms(const struct silence_check *check)
{
	return check->watch.fd == -1 ? DEADLINE_NEVER : check->until_ms;
}

void
silence_check_close(struct silence_check *check)
{
	watch_close(&check->watch);
}
