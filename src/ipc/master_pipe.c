/* SPDX-License-Identifier: MIT */
#include "ipc/master_pipe.h"

#include <stdio.h>
#include <string.h>

/* The log's destination, of which a process has one, and what it did not take
 * yet: a bit for each kind of state and for each upstream. */
static int pipe_fd = -1;
static unsigned late_states;
static unsigned late_lookups;
static unsigned dropped_lines;
static struct log_counts *log_counts;

static bool
send_states(void)
{
	for (unsigned kind = 0; late_states >> kind != 0; kind++) {
		struct message message = { .kind = (enum message_kind)kind };

		if ((late_states & 1U << kind) == 0)
			continue;
		if (!message_write(pipe_fd, &message))
			return false;
		late_states &= ~(1U << kind);
	}
	return true;
}

static bool
send_lookups(void)
{
	for (unsigned i = 0; late_lookups >> i != 0; i++) {
		struct message message = {
			.kind = MESSAGE_LOOKUP,
			.upstream = i,
		};

		if ((late_lookups & 1U << i) == 0)
			continue;
		if (!message_write(pipe_fd, &message))
			return false;
		late_lookups &= ~(1U << i);
	}
	return true;
}

static bool
send_line(enum log_level level, const char *words)
{
	struct message message;
	size_t length = strnlen(words, LOG_WORDS_SIZE - 1);

	message.kind = MESSAGE_LINE;
	message.line.level = level;
	memcpy(message.line.words, words, length);
	message.line.words[length] = '\0';
	return message_write(pipe_fd, &message);
}

static bool
send_loss(void)
{
	char words[64];

	if (dropped_lines == 0)
		return true;
	snprintf(words, sizeof words, "%u log lines dropped", dropped_lines);
	if (!send_line(LOG_LEVEL_WARNING, words))
		return false;
	dropped_lines = 0;
	return true;
}

bool
master_pipe_catch_up(void)
{
	return send_states() && send_lookups() && send_loss();
}

static void
to_pipe(enum log_level level, const char *words)
{
	if (master_pipe_catch_up() && send_line(level, words))
		return;
	dropped_lines++;
	counter_add(&log_counts->dropped, 1);
}

void
master_pipe_open(int fd, enum log_level max, struct log_counts *counts)
{
	pipe_fd = fd;
	log_counts = counts;
	log_open(to_pipe, max);
}

/* Of the two that exclude each other only the last is true. */
void
master_pipe_state(enum message_kind kind)
{
	if (kind == MESSAGE_FULL)
		late_states &= ~(1U << MESSAGE_ROOM);
	if (kind == MESSAGE_ROOM)
		late_states &= ~(1U << MESSAGE_FULL);
	late_states |= 1U << kind;
	send_states();
}

void
master_pipe_lookup(unsigned upstream)
{
	late_lookups |= 1U << upstream;
	send_lookups();
}

static bool
send_addresses(
    enum message_kind kind, const struct message_addresses *addresses)
{
	struct message message = { .kind = kind, .addresses = *addresses };

	return message_write(pipe_fd, &message);
}

bool
master_pipe_addresses(const struct message_addresses *addresses)
{
	return send_addresses(MESSAGE_ADDRESSES, addresses);
}

void
master_pipe_silent(const struct message_addresses *addresses)
{
	send_addresses(MESSAGE_SILENT, addresses);
}

bool
master_pipe_list(const struct tunnel_request *request)
{
	struct message message = { .kind = MESSAGE_LIST, .list = *request };

	return message_write(pipe_fd, &message);
}

bool
master_pipe_listed(const struct tunnel_answer *answer)
{
	struct message message = { .kind = MESSAGE_LISTED, .listed = *answer };

	return message_write(pipe_fd, &message);
}
