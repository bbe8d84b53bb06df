/* SPDX-License-Identifier: MIT */
/* wire.c - the messages of wire.h over non-blocking sockets. */

#include "wire.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define CHUNK ((size_t)256 * 1024)
#define CHUNKS_A_TURN 4 /* then the other streams have their turn */
/* A prime: no buffer size of a relay is a multiple of it, so that a chunk
 * which is lost or sent twice shifts the pattern. */
#define PATTERN_PERIOD 65521

static unsigned char pattern[PATTERN_PERIOD + CHUNK];

void
wire_init(void)
{
	uint32_t random = 1;
	size_t i;

	for (i = 0; i < PATTERN_PERIOD; i++) {
		random = random * 1664525 + 1013904223;
		pattern[i] = (unsigned char)(random >> 24);
	}
	for (i = PATTERN_PERIOD; i < sizeof(pattern); i++)
		pattern[i] = pattern[i - PATTERN_PERIOD];
}

void
message_begin(struct message *m, uint64_t length, size_t head_length)
{
	m->length = length;
	m->done = 0;
	m->head_length = head_length;
}

static size_t
chunk_length(const struct message *m)
{
	uint64_t left = m->length - m->done;

	return left < CHUNK ? (size_t)left : CHUNK;
}

/* The pattern for the next bytes of a message that is past its head. */
static const unsigned char *
pattern_at(uint64_t offset)
{
	return pattern + offset % PATTERN_PERIOD;
}

static size_t
send_chunk(int fd, const struct message *m)
{
	struct iovec parts[2] = { { 0 } };
	struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };
	size_t length = chunk_length(m);
	ssize_t sent;

	if (m->done < m->head_length) {
		parts[0].iov_base = (void *)(uintptr_t)(m->head + m->done);
		parts[0].iov_len = m->head_length - (size_t)m->done;
		if (parts[0].iov_len > length)
			parts[0].iov_len = length;
	}
	parts[1].iov_base = (void *)(uintptr_t)pattern_at(
	    m->done + parts[0].iov_len - m->head_length);
	parts[1].iov_len = length - parts[0].iov_len;
	sent = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent == -1 && errno != EAGAIN)
		err(1, "sending byte %" PRIu64 " of %" PRIu64, m->done,
		    m->length);
	return sent == -1 ? 0 : (size_t)sent;
}

enum transfer
message_send(int fd, struct message *m)
{
	size_t sent;
	int turn;

	for (turn = 0; turn < CHUNKS_A_TURN; turn++) {
		sent = send_chunk(fd, m);
		m->done += sent;
		if (m->done == m->length)
			return TRANSFER_DONE;
		if (sent == 0)
			break;
	}
	return TRANSFER_MORE;
}

/* Stores what belongs to the head and compares the rest. */
static void
take_chunk(struct message *m, const unsigned char *bytes, size_t length)
{
	size_t in_head = 0;

	if (m->done < m->head_length) {
		in_head = m->head_length - (size_t)m->done;
		if (in_head > length)
			in_head = length;
		memcpy(m->head + m->done, bytes, in_head);
	}
	if (in_head < length &&
	    memcmp(bytes + in_head,
		pattern_at(m->done + in_head - m->head_length),
		length - in_head) != 0)
		errx(1, "wrong bytes behind byte %" PRIu64 " of %" PRIu64,
		    m->done, m->length);
	m->done += length;
}

enum transfer
message_receive(int fd, struct message *m)
{
	static unsigned char buffer[CHUNK];
	size_t asked;
	ssize_t got;
	int turn;

	for (turn = 0; turn < CHUNKS_A_TURN; turn++) {
		asked = chunk_length(m);
		got = recv(fd, buffer, asked, MSG_DONTWAIT);
		if (got == -1 && errno == EAGAIN)
			break;
		if (got == -1)
			err(1, "receiving byte %" PRIu64 " of %" PRIu64,
			    m->done, m->length);
		if (got == 0 && m->done == 0)
			return TRANSFER_ENDED;
		if (got == 0)
			errx(1, "stream ended at byte %" PRIu64 " of %" PRIu64,
			    m->done, m->length);
		take_chunk(m, buffer, (size_t)got);
		if (m->done == m->length)
			return TRANSFER_DONE;
		if ((size_t)got < asked)
			break;
	}
	return TRANSFER_MORE;
}

uint64_t
wire_number(const char *text, uint64_t least)
{
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' ||
	    number < least)
		errx(2, "%s: expected a number of at least %" PRIu64, text,
		    least);
	return number;
}
