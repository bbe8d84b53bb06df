/* SPDX-License-Identifier: MIT */
/* wire.h - what both ends of the benchmark agree on: a question and an answer,
 * each a head and a pattern behind it of which every byte is checked, so that
 * a relay that loses, adds or mixes up bytes fails instead of being fast.
 * Load generator and fixture. */

#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_HEAD_MAX 1024
/* An answer begins with as many of its question's first bytes; the number of
 * the tunnel is among them, at a place that is free in a ClientHello too. */
#define WIRE_ECHO_BYTES 64
#define WIRE_NUMBER_OFFSET 11

struct message {
	uint64_t length; /* bytes in all, head included */
	uint64_t done; /* of them, sent or received */
	size_t head_length; /* the pattern starts behind it */
	unsigned char head[WIRE_HEAD_MAX];
};

enum transfer { TRANSFER_DONE, TRANSFER_MORE, TRANSFER_ENDED };

/* To be called once, before the first message. */
void wire_init(void);

void message_begin(struct message *m, uint64_t length, size_t head_length);

/* TRANSFER_MORE: call again when the socket is ready. Does not return when
 * the socket fails. */
enum transfer message_send(int fd, struct message *m);

/* The same; TRANSFER_ENDED: the peer has ended its stream before a byte of
 * the message. Does not return either when the pattern is wrong or the stream
 * ends later than that. */
enum transfer message_receive(int fd, struct message *m);

/* A number from the command line, of `least` at least, or the end. */
uint64_t wire_number(const char *text, uint64_t least);

#endif
