#include "worker/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/tunnel.h"
#include "worker/worker.h"

/* Two reads in a row that fill the buffer make a bulk stream; it stays one
 * until that many reads in a row have brought little. */
enum { STREAK_BULK = 2, STREAK_MAX = 6, LITTLE_BYTES = 16 * 1024 };

bool
flow_has_unsent(const struct flow *flow)
{
	return flow->unsent_length > 0 || flow->pipe != NULL;
}

static void
drop_unsent(struct flow *flow)
{
	free(flow->unsent);
	flow->unsent = NULL;
	flow->unsent_offset = 0;
	flow->unsent_length = 0;
}

void
flow_clear(struct worker *worker, struct flow *flow)
{
	drop_unsent(flow);
	if (flow->pipe != NULL)
		pipe_pool_return(&worker->pipes, &flow->pipe);
}

/* Anything but a RST is no side's doing, and the log should not say so. */
static void
note_failure(
    struct connection *connection, struct endpoint *endpoint, int error)
{
	if (error == ECONNRESET)
		endpoint->failed = true;
	else
		tunnel_break(connection);
}

/* The socket's error on a write. EPIPE is a RST that came behind a FIN, read
 * or not: what the other side of that FIN sent is still whole. */
static void
note_write_error(
    struct connection *connection, struct endpoint *sink, int error)
{
	if (error == EPIPE)
		sink->reset_after_fin = true;
	else if (error != EAGAIN && error != EINTR)
		note_failure(connection, sink, error);
}

/* How many of the bytes are off our hands: taken by the sink, or thrown away
 * because it takes none any more. */
static size_t
deliver(struct worker *worker, struct connection *connection, enum side from,
    struct span bytes)
{
	struct endpoint *sink = &connection->endpoints[side_other(from)];
	ssize_t count = 0;

	if (!sink->reset_after_fin && !sink->failed) {
		count = send(sink->fd, bytes.bytes, bytes.length, MSG_NOSIGNAL);
		if (count == -1)
			note_write_error(connection, sink, errno);
		else
			worker_progress(worker);
	}
	if (sink->reset_after_fin || sink->failed)
		return bytes.length;
	return count > 0 ? (size_t)count : 0;
}

/* Without memory for what the sink did not take, the bytes are lost, and so
 * is the tunnel: the sink must not get any that come behind them. */
static void
store_unsent(struct connection *connection, enum side from, struct span bytes)
{
	struct flow *flow = &connection->flows[from];

	if (bytes.length == 0)
		return;
	if ((flow->unsent = malloc(bytes.length)) == NULL) {
		tunnel_break(connection);
		return;
	}
	memcpy(flow->unsent, bytes.bytes, bytes.length);
	flow->unsent_offset = 0;
	flow->unsent_length = (uint32_t)bytes.length;
}

static void
count_moved(struct worker *worker, struct connection *connection,
    enum side from, size_t bytes)
{
	connection->flows[from].moved_bytes += bytes;
	counter_add(from == CLIENT ? &worker->counters->sent
				   : &worker->counters->received,
	    bytes);
	worker_progress(worker);
}

void
flow_push(struct worker *worker, struct connection *connection, enum side from,
    struct span bytes)
{
	const struct endpoint *sink = &connection->endpoints[side_other(from)];
	size_t taken;

	if (bytes.length == 0 || sink->reset_after_fin || sink->failed)
		return;
	count_moved(worker, connection, from, bytes.length);
	taken = deliver(worker, connection, from, bytes);
	store_unsent(connection, from, span_after(bytes, taken));
}

/* A read's error or end: either way there is nothing more to read. Behind a
 * write that failed by a RST, the system calls the end of the stream what was
 * none; `failed` keeps the difference. A socket that is dead has no more to
 * wait for. */
static void
note_read_end(struct connection *connection, enum side from, ssize_t count)
{
	struct endpoint *source = &connection->endpoints[from];

	if (count == -1 && (errno == EAGAIN || errno == EINTR)) {
		source->failed |= source->reset_after_fin;
		source->eof |= source->failed;
		return;
	}
	if (count == -1)
		note_failure(connection, source, errno);
	source->eof = true;
}

static void
note_streak(struct flow *flow, size_t count)
{
	if (count >= WORKER_BUFFER_BYTES)
		flow->streak++;
	else if (count < LITTLE_BYTES && flow->streak > 0)
		flow->streak--;
	if (flow->streak > STREAK_MAX)
		flow->streak = STREAK_MAX;
}

/* True if the read filled the buffer: a short one means that the socket is
 * empty, and needs no second to learn it. */
static bool
copy_once(struct worker *worker, struct connection *connection, enum side from)
{
	ssize_t count = recv(connection->endpoints[from].fd, worker->buffer,
	    WORKER_BUFFER_BYTES, 0);

	if (count <= 0) {
		note_read_end(connection, from, count);
		return false;
	}
	worker_progress(worker); /* even where nobody takes them any more */
	note_streak(&connection->flows[from], (size_t)count);
	flow_push(
	    worker, connection, from, span_of(worker->buffer, (size_t)count));
	return count == WORKER_BUFFER_BYTES;
}

/* True if the sink took something, but not all. */
static bool
pipe_write(struct worker *worker, struct connection *connection, enum side from)
{
	struct pipe *pipe = connection->flows[from].pipe;
	struct endpoint *sink = &connection->endpoints[side_other(from)];
	ssize_t count = splice(pipe->read_fd, NULL, sink->fd, NULL, pipe->bytes,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (count == -1)
		note_write_error(connection, sink, errno);
	if (count <= 0)
		return false;
	pipe->bytes -= (size_t)count;
	counter_add(&worker->counters->spliced, (uint64_t)count);
	worker_progress(worker);
	return pipe->bytes > 0;
}

/* Writes what is in the pipe; an empty one goes back to the pool. A RST that
 * stops a splice half-way is not told, and forgotten: the next read would take
 * it for a FIN. The next write says EPIPE, so it is made at once, until one
 * takes nothing or all. */
static void
pipe_flush(struct worker *worker, struct connection *connection, enum side from)
{
	struct flow *flow = &connection->flows[from];
	struct endpoint *sink = &connection->endpoints[side_other(from)];

	if (!sink->reset_after_fin && !sink->failed &&
	    pipe_write(worker, connection, from)) {
		while (pipe_write(worker, connection, from))
			continue;
		sink->failed |= sink->reset_after_fin && !sink->eof;
	}
	if (flow->pipe->bytes == 0 || sink->reset_after_fin || sink->failed)
		pipe_pool_return(&worker->pipes, &flow->pipe);
}

/* The pipe is empty here, so that EAGAIN means an empty socket, or one with an
 * urgent byte in front, where splice(2) says EAGAIN or the end of the stream. A
 * read tells. A system that cannot splice from this socket says
 * EINVAL before it has taken a byte; copying serves then. */
static bool
splice_once(
    struct worker *worker, struct connection *connection, enum side from)
{
	struct flow *flow = &connection->flows[from];
	ssize_t count = splice(connection->endpoints[from].fd, NULL,
	    flow->pipe->write_fd, NULL, flow->pipe->capacity_bytes,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (count <= 0) {
		int error = count == 0 ? 0 : errno;

		pipe_pool_return(&worker->pipes, &flow->pipe);
		if (error == EINVAL || error == ENOSYS)
			pipe_pool_stop(&worker->pipes);
		else if (error != 0 && error != EAGAIN) {
			errno = error;
			note_read_end(connection, from, count);
			return false;
		}
		return copy_once(worker, connection, from);
	}
	flow->pipe->bytes = (size_t)count;
	note_streak(flow, (size_t)count);
	count_moved(worker, connection, from, (size_t)count);
	pipe_flush(worker, connection, from);
	return true;
}

static void
flush_unsent(
    struct worker *worker, struct connection *connection, enum side from)
{
	struct flow *flow = &connection->flows[from];
	size_t taken = deliver(worker, connection, from,
	    span_of(flow->unsent + flow->unsent_offset, flow->unsent_length));

	flow->unsent_offset += (uint32_t)taken;
	flow->unsent_length -= (uint32_t)taken;
	if (flow->unsent_length == 0)
		drop_unsent(flow);
}

bool
flow_run(struct worker *worker, struct connection *connection, enum side from)
{
	struct flow *flow = &connection->flows[from];
	struct endpoint *source = &connection->endpoints[from];

	if (flow->pipe != NULL)
		pipe_flush(worker, connection, from);
	if (flow->unsent_length > 0)
		flush_unsent(worker, connection, from);
	if (flow_has_unsent(flow) || source->eof)
		return false;
	if (flow->streak >= STREAK_BULK &&
	    (flow->pipe = pipe_pool_borrow(&worker->pipes)) != NULL)
		return splice_once(worker, connection, from);
	return copy_once(worker, connection, from);
}
