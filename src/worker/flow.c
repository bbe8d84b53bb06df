/* SPDX-License-Identifier: MIT */
#include "worker/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/worker.h"

/* Two reads in a row that bring all that was wanted make a bulk stream; it
 * stays one until that many reads in a row have brought little. */
enum { STREAK_BULK = 2, STREAK_MAX = 6, LITTLE_BYTES = 16 * 1024 };

/* Of malloc(3), for one stream. */
enum { UNBUFFERED_BYTES = 4 * 1024 };

/* A pipe from which the sink has taken nothing for so long can be had by
 * another stream. */
enum { PIPE_STALLED_MS = 1000 };

bool
flow_has_unsent(const struct flow *flow)
{
	return flow->unsent.length > 0 || flow->pipe != NULL ||
	    flow->is_blocked;
}

void
flow_clear(struct worker *worker, struct flow *flow)
{
	unsent_clear(&flow->unsent, &worker->buffers);
	if (flow->pipe != NULL)
		pipe_pool_return(&worker->pipes, &flow->pipe);
	flow->is_blocked = false;
	flow->is_starved = false;
}

/* The kernel has no memory at the moment. The sockets are as they were. */
static bool
is_shortage(int error)
{
	return error == ENOMEM || error == ENOBUFS;
}

static bool
is_passing(int error)
{
	return error == EAGAIN || error == EINTR || is_shortage(error);
}

void
flow_note_moved(struct worker *worker, struct flow *flow,
    const struct endpoint *sink, size_t bytes)
{
	struct counters *counters = worker->counters;

	flow->moved_bytes += bytes;
	worker->turn_bytes += bytes;
	counter_add(sink->watch.kind == WATCH_CLIENT ? &counters->received
						     : &counters->sent,
	    bytes);
	counters_note_progress(counters);
}

static void
note_write_error(struct flow *flow, struct endpoint *sink, int error)
{
	flow->is_starved |= is_shortage(error);
	if (!is_passing(error))
		endpoint_note_error(sink, error);
}

/* How many of the bytes the sink has taken. */
static size_t
deliver(struct worker *worker, struct flow *flow, struct endpoint *sink,
    struct span bytes)
{
	ssize_t taken =
	    send(sink->watch.fd, bytes.bytes, bytes.length, MSG_NOSIGNAL);

	if (taken == -1) {
		note_write_error(flow, sink, errno);
		return 0;
	}
	flow_note_moved(worker, flow, sink, (size_t)taken);
	return (size_t)taken;
}

void
flow_push(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink, struct span bytes)
{
	struct span left;

	if (bytes.length == 0 || sink->outgoing != OUTGOING_OPEN)
		return;
	left = span_after(bytes, deliver(worker, flow, sink, bytes));
	if (left.length == 0 || sink->outgoing != OUTGOING_OPEN)
		return;
	if (unsent_take_buffer(&flow->unsent, &worker->buffers, left.length)) {
		memcpy(flow->unsent.bytes, left.bytes, left.length);
		flow->unsent.length = (uint32_t)left.length;
	} else if (!unsent_append(&flow->unsent, left)) {
		endpoint_note_error(source, ENOMEM);
		endpoint_note_error(sink, ENOMEM);
	}
}

/* The end of the stream, or an error, or nothing to read. */
static void
note_no_bytes(
    struct flow *flow, struct endpoint *source, ssize_t result, int error)
{
	if (result == 0)
		endpoint_note_end(source);
	else if (is_shortage(error))
		flow->is_starved = true;
	else
		endpoint_note_read_error(source, error);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
flow_read_bytes(struct worker *worker)
{
	return smaller(worker->share_bytes,
	    buffer_pool_reserve(&worker->buffers) ? WORKER_BUFFER_BYTES
						  : UNBUFFERED_BYTES);
}

static void
note_streak(struct worker *worker, struct flow *flow, size_t bytes)
{
	size_t much = smaller(WORKER_BUFFER_BYTES, worker->share_bytes);

	if (bytes >= much && flow->streak < STREAK_MAX)
		flow->streak++;
	else if (bytes < LITTLE_BYTES && flow->streak > 0)
		flow->streak--;
}

/* Takes bytes from the source that were only looked at before. */
static void
discard(struct worker *worker, struct endpoint *source, size_t bytes)
{
	ssize_t taken;

	while (bytes > 0) {
		taken =
		    recv(source->watch.fd, worker->buffer, bytes, MSG_TRUNC);
		if (taken <= 0) {
			endpoint_note_error(source, EIO);
			return;
		}
		bytes -= (size_t)taken;
	}
}

/* What the sink does not take stays in the source: it costs no memory of ours,
 * but one call more. */
static void
move_peeked(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink, struct span bytes)
{
	size_t taken = deliver(worker, flow, sink, bytes);

	flow->is_blocked =
	    taken < bytes.length && sink->outgoing == OUTGOING_OPEN;
	discard(worker, source, taken);
}

static bool
copy_once(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	bool peeks = !buffer_pool_reserve(&worker->buffers);
	ssize_t result = recv(source->watch.fd, worker->buffer,
	    smaller(WORKER_BUFFER_BYTES, worker->share_bytes),
	    peeks ? MSG_PEEK : 0);
	struct span bytes;

	if (result <= 0) {
		note_no_bytes(flow, source, result, errno);
		return false;
	}
	bytes = span_of(worker->buffer, (size_t)result);
	note_streak(worker, flow, bytes.length);
	if (peeks)
		move_peeked(worker, flow, source, sink, bytes);
	else
		flow_push(worker, flow, source, sink, bytes);
	return true;
}

/* True if the sink took a part, but not all. */
static bool
pipe_write(struct worker *worker, struct flow *flow, struct endpoint *sink)
{
	struct pipe *pipe = flow->pipe;
	ssize_t taken = splice(pipe->read_fd, NULL, sink->watch.fd, NULL,
	    pipe->bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (taken == -1)
		note_write_error(flow, sink, errno);
	if (taken <= 0)
		return false;
	pipe->bytes -= (size_t)taken;
	pipe->moved_ms = worker->now_ms;
	counter_add(&worker->counters->spliced, (uint64_t)taken);
	flow_note_moved(worker, flow, sink, (size_t)taken);
	return pipe->bytes > 0;
}

/* Writes what is in the pipe; an empty one goes back to the pool. If a RST
 * interrupts splice(2), the kernel returns the bytes moved and drops the error;
 * the next read would look like the end of the stream. The next write says
 * EPIPE, so it is made at once, until one takes nothing or all. */
static void
pipe_flush(struct worker *worker, struct flow *flow, struct endpoint *sink)
{
	if (pipe_write(worker, flow, sink)) {
		while (pipe_write(worker, flow, sink))
			continue;
		if (sink->outgoing == OUTGOING_CLOSED)
			endpoint_note_cut(sink);
	}
	if (flow->pipe->bytes == 0)
		pipe_pool_return(&worker->pipes, &flow->pipe);
}

/* Moves the bytes of a pipe into a buffer, so that the pipe is free. Bytes that
 * cannot be read stay behind them in the pipe. */
static void
unload(struct worker *worker, struct flow *flow)
{
	struct pipe *pipe = flow->pipe;

	if (flow->unsent.bytes != NULL ||
	    !unsent_take_buffer(&flow->unsent, &worker->buffers, pipe->bytes))
		return;
	while (pipe->bytes > 0) {
		ssize_t result = read(pipe->read_fd,
		    flow->unsent.bytes + flow->unsent.length, pipe->bytes);

		if (result <= 0)
			break;
		flow->unsent.length += (uint32_t)result;
		pipe->bytes -= (size_t)result;
	}
	if (pipe->bytes == 0)
		pipe_pool_return(&worker->pipes, &flow->pipe);
	if (flow->unsent.length == 0)
		unsent_clear(&flow->unsent, &worker->buffers);
	flow->streak = 0;
}

/* A reader that stalls must not keep a pipe from others. */
static struct pipe *
borrow_pipe(struct worker *worker, struct flow *flow)
{
	struct pipe *pipe =
	    pipe_pool_borrow(&worker->pipes, flow, worker->now_ms);
	struct flow *stalled;

	if (pipe != NULL)
		return pipe;
	stalled =
	    pipe_pool_stalled(&worker->pipes, worker->now_ms - PIPE_STALLED_MS);
	if (stalled == NULL)
		return NULL;
	unload(worker, stalled);
	return pipe_pool_borrow(&worker->pipes, flow, worker->now_ms);
}

/* The pipe is empty here, so EAGAIN means an empty socket, or one with an
 * urgent byte in front, where splice(2) says EAGAIN or the end of the stream: a
 * read tells, and takes what comes before an error. A kernel that cannot splice
 * from this socket says EINVAL before it has taken a byte. */
static bool
splice_once(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	ssize_t result = splice(source->watch.fd, NULL, flow->pipe->write_fd,
	    NULL, smaller(flow->pipe->capacity_bytes, worker->share_bytes),
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (result <= 0) {
		int error = result == 0 ? 0 : errno;

		pipe_pool_return(&worker->pipes, &flow->pipe);
		if (error == EINVAL || error == ENOSYS)
			pipe_pool_stop(&worker->pipes);
		else if (!is_passing(error))
			endpoint_note_error(source, error);
		return copy_once(worker, flow, source, sink);
	}
	counters_note_progress(worker->counters);
	flow->pipe->bytes = (size_t)result;
	note_streak(worker, flow, (size_t)result);
	pipe_flush(worker, flow, sink);
	return true;
}

void
flow_flush(struct worker *worker, struct flow *flow, struct endpoint *sink)
{
	flow->is_blocked = false;
	flow->is_starved = false;
	if (flow->unsent.length > 0)
		unsent_advance(&flow->unsent, &worker->buffers,
		    deliver(worker, flow, sink, unsent_span(&flow->unsent)));
	if (flow->unsent.length == 0 && flow->pipe != NULL)
		pipe_flush(worker, flow, sink);
}

bool
flow_run(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	flow_flush(worker, flow, sink);
	if (flow_has_unsent(flow) || sink->outgoing != OUTGOING_OPEN ||
	    !endpoint_is_readable(source))
		return false;
	worker->bulk_runs += flow->streak >= STREAK_BULK;
	if (flow->streak >= STREAK_BULK &&
	    (flow->pipe = borrow_pipe(worker, flow)) != NULL)
		return splice_once(worker, flow, source, sink);
	return copy_once(worker, flow, source, sink);
}
