/* SPDX-License-Identifier: MIT */
/* flow_test.c - one direction of bytes between two sockets: copied, spliced,
 * and left in the source's socket where there is no memory. */

#include "worker/flow.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "worker/worker.h"

enum { MUCH = 600 * 1024, PART = 20000 };

static struct worker worker;
static struct counters counters;
static unsigned char sent[MUCH], received[MUCH];

/* Both ends of a socket: ours, and the peer's. */
struct link {
	struct endpoint endpoint;
	int peer_fd;
};

static struct link
link_open(enum watch_kind kind, int buffer_bytes)
{
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	for (unsigned i = 0; i < 2; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &buffer_bytes,
		    sizeof buffer_bytes);
	return (struct link){
		.endpoint = { .watch = { .fd = fds[0],
				  .kind = (uint8_t)kind } },
		.peer_fd = fds[1],
	};
}

static void
link_close(struct link *link)
{
	close(link->endpoint.watch.fd);
	close(link->peer_fd);
}

static void
begin(size_t budget_bytes, unsigned pipes)
{
	worker = (struct worker){
		.counters = &counters,
		.buffer = malloc(WORKER_BUFFER_BYTES),
		.share_bytes = 1024 * 1024,
		.now_ms = 1000,
	};
	counters = (struct counters){ .open = 0 };
	pipe_pool_init(&worker.pipes, pipes);
	buffer_pool_init(&worker.buffers, budget_bytes);
	for (size_t i = 0; i < MUCH; i++)
		sent[i] = (unsigned char)(i * 7 + i / 251);
}

static void
end(void)
{
	pipe_pool_clear(&worker.pipes);
	buffer_pool_clear(&worker.buffers);
	free(worker.buffer);
}

/* Takes up to `most` bytes as the sink's peer; how many there are now. */
static size_t
take(const struct link *sink, size_t length, size_t most)
{
	ssize_t count = read(sink->peer_fd, received + length, most);

	return length + (count > 0 ? (size_t)count : 0);
}

/* The source's peer sends all, and ends its stream; the sink's peer reads a
 * part at a time. */
static void
move_all(struct flow *flow, struct link *source, struct link *sink)
{
	size_t given = 0, length = 0;

	memset(received, 0, sizeof received);
	for (unsigned round = 0; length < MUCH && round < 10000; round++) {
		ssize_t count = given < MUCH
		    ? write(source->peer_fd, sent + given, MUCH - given)
		    : 0;

		given += count > 0 ? (size_t)count : 0;
		flow_run(&worker, flow, &source->endpoint, &sink->endpoint);
		length = take(sink, length, PART);
	}
	CHECK(length == MUCH);
	CHECK(memcmp(sent, received, MUCH) == 0);
	CHECK(flow->moved_bytes == MUCH);
	CHECK(!flow_has_unsent(flow));
	shutdown(source->peer_fd, SHUT_WR);
	flow_run(&worker, flow, &source->endpoint, &sink->endpoint);
	CHECK(source->endpoint.incoming == INCOMING_FIN);
}

static void
every_byte_arrives_in_order_through_a_slow_sink(void)
{
	static const struct row {
		const char *words;
		size_t budget_bytes;
		unsigned pipes;
	} rows[] = {
		{ "copied", 10 * BUFFER_BYTES, 0 },
		{ "spliced", 10 * BUFFER_BYTES, 2 },
		{ "without memory", 0, 0 },
		{ "spliced without memory", 0, 2 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct link source = link_open(WATCH_UPSTREAM, MUCH);
		struct link sink = link_open(WATCH_CLIENT, 30000);
		struct flow flow = { .moved_bytes = 0 };

		begin(rows[i].budget_bytes, rows[i].pipes);
		move_all(&flow, &source, &sink);
		CHECK_ROW(
		    counter_read(&counters.received) == MUCH, rows[i].words);
		CHECK_ROW(counter_read(&counters.sent) == 0, rows[i].words);
		CHECK_ROW((counter_read(&counters.spliced) > 0) ==
			(rows[i].pipes > 0),
		    rows[i].words);
		end();
		link_close(&source);
		link_close(&sink);
	}
}

static void
without_memory_bytes_stay_in_the_source(void)
{
	struct link source = link_open(WATCH_CLIENT, MUCH);
	struct link sink = link_open(WATCH_UPSTREAM, 30000);
	struct flow flow = { .moved_bytes = 0 };

	begin(0, 0);
	CHECK(write(source.peer_fd, sent, 100000) == 100000);
	CHECK(flow_run(&worker, &flow, &source.endpoint, &sink.endpoint));
	CHECK(flow.is_blocked && flow_has_unsent(&flow));
	CHECK(flow.unsent.bytes == NULL);
	CHECK(flow.moved_bytes > 0 && flow.moved_bytes < 100000);
	CHECK(take(&sink, 0, MUCH) == flow.moved_bytes);
	CHECK(memcmp(sent, received, (size_t)flow.moved_bytes) == 0);
	CHECK(recv(source.endpoint.watch.fd, received, 1, MSG_PEEK) == 1);
	CHECK(received[0] == sent[flow.moved_bytes]);
	CHECK(flow_read_bytes(&worker) < BUFFER_BYTES);
	end();
	link_close(&source);
	link_close(&sink);
}

/* Runs the flow until its pipe holds bytes that the sink does not take. */
static void
stall(struct flow *flow, struct link *source, struct link *sink)
{
	for (unsigned i = 0; i < 100 && flow->pipe == NULL; i++) {
		flow->streak = 6;
		CHECK(write(source->peer_fd, sent, MUCH) > 0);
		flow_run(&worker, flow, &source->endpoint, &sink->endpoint);
	}
	CHECK(flow->pipe != NULL && flow_has_unsent(flow));
}

static void
a_stalled_stream_gives_its_pipe_back(void)
{
	struct link sources[2] = { link_open(WATCH_UPSTREAM, MUCH),
		link_open(WATCH_UPSTREAM, MUCH) };
	struct link sinks[2] = { link_open(WATCH_CLIENT, 30000),
		link_open(WATCH_CLIENT, 30000) };
	struct flow flows[2] = { { .moved_bytes = 0 }, { .moved_bytes = 0 } };
	size_t held;

	begin(10 * BUFFER_BYTES, 1);
	stall(&flows[0], &sources[0], &sinks[0]);
	held = flows[0].pipe->bytes;
	flows[1].streak = 6;
	CHECK(write(sources[1].peer_fd, sent, PART) == PART);
	flow_run(&worker, &flows[1], &sources[1].endpoint, &sinks[1].endpoint);
	CHECK(flows[0].pipe != NULL); /* it has not stalled for long */
	worker.now_ms += 1001;
	stall(&flows[1], &sources[1], &sinks[1]);
	CHECK(flows[0].pipe == NULL);
	CHECK(flows[0].unsent.length == held);
	CHECK(flow_has_unsent(&flows[0]));
	for (unsigned i = 0; i < 2; i++) {
		flow_clear(&worker, &flows[i]);
		CHECK(!flow_has_unsent(&flows[i]));
		link_close(&sources[i]);
		link_close(&sinks[i]);
	}
	end();
}

int
main(void)
{
	RUN(every_byte_arrives_in_order_through_a_slow_sink);
	RUN(without_memory_bytes_stay_in_the_source);
	RUN(a_stalled_stream_gives_its_pipe_back);
	return check_report();
}
