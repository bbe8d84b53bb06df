#include "worker/flow.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
	flow->unsent_capacity = 0;
}

void
flow_clear(struct worker *worker, struct flow *flow)
{
	drop_unsent(flow);
	if (flow->pipe != NULL)
		pipe_pool_return(&worker->pipes, &flow->pipe);
}

/* Neither socket can go on, by neither side's doing. */
static void
break_both(struct endpoint *one, struct endpoint *other)
{
	one->broken = one->failed = true;
	other->broken = other->failed = true;
}

/* Anything but a RST is neither side's doing, and the log must not say so. */
static void
note_failure(struct endpoint *endpoint, struct endpoint *other, int error)
{
	if (error == ECONNRESET)
		endpoint->failed = true;
	else
		break_both(endpoint, other);
}

/* The socket's error on a write. EPIPE is a RST that came behind a FIN, read
 * or not: what the sink sent before that FIN is still whole. */
static void
note_write_error(struct endpoint *source, struct endpoint *sink, int error)
{
	if (error == EPIPE)
		sink->reset_after_fin = true;
	else if (error != EAGAIN && error != EINTR)
		note_failure(sink, source, error);
}

static bool
takes_none(const struct endpoint *sink)
{
	return sink->reset_after_fin || sink->failed;
}

/* How many of the bytes are off our hands: taken by the sink, or thrown away
 * because it takes none any more. */
static size_t
deliver(struct worker *worker, struct endpoint *source, struct endpoint *sink,
    struct span bytes)
{
	ssize_t count = 0;

	if (!takes_none(sink)) {
		count = send(
		    sink->watch.fd, bytes.bytes, bytes.length, MSG_NOSIGNAL);
		if (count == -1)
			note_write_error(source, sink, errno);
		else
			counters_progress(worker->counters);
	}
	if (takes_none(sink))
		return bytes.length;
	return count > 0 ? (size_t)count : 0;
}

/* Room for the first segment alone, then twice as much each time: bytes that
 * trickle in are not copied again for each. */
bool
flow_append(struct flow *flow, struct span bytes)
{
	size_t needed = flow->unsent_length + bytes.length;
	size_t capacity = flow->unsent_capacity * (size_t)2;
	unsigned char *grown;

	assert(flow->unsent_offset == 0);
	if (needed > flow->unsent_capacity) {
		if (capacity < needed)
			capacity = needed;
		if ((grown = realloc(flow->unsent, capacity)) == NULL)
			return false;
		flow->unsent = grown;
		flow->unsent_capacity = (uint32_t)capacity;
	}
	memcpy(flow->unsent + flow->unsent_length, bytes.bytes, bytes.length);
	flow->unsent_length = (uint32_t)needed;
	return true;
}

void
flow_count(struct worker *worker, struct flow *flow,
    const struct endpoint *source, size_t bytes)
{
	struct counters *counters = worker->counters;

	flow->moved_bytes += bytes;
	counter_add(source->watch.kind == WATCH_CLIENT ? &counters->sent
						       : &counters->received,
	    bytes);
	counters_progress(counters);
}

/* Without memory for what the sink did not take, the bytes are lost, and so
 * are both sockets: the sink must not get any that come behind them. */
void
flow_push(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink, struct span bytes)
{
	struct span left;

	if (bytes.length == 0 || takes_none(sink))
		return;
	flow_count(worker, flow, source, bytes.length);
	left = span_after(bytes, deliver(worker, source, sink, bytes));
	if (left.length > 0 && !flow_append(flow, left))
		break_both(source, sink);
}

/* A read's error or end: either way there is nothing more to read. Behind a
 * write that failed by a RST, the kernel reports the end of the stream where
 * there was none; `failed` keeps the difference. A dead socket has no more to
 * wait for. */
static void
note_read_end(struct endpoint *source, struct endpoint *sink, ssize_t count)
{
	if (count == -1 && (errno == EAGAIN || errno == EINTR)) {
		source->failed |= source->reset_after_fin;
		source->eof |= source->failed;
		return;
	}
	if (count == -1)
		note_failure(source, sink, errno);
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
copy_once(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	ssize_t count =
	    recv(source->watch.fd, worker->buffer, WORKER_BUFFER_BYTES, 0);

	if (count <= 0) {
		note_read_end(source, sink, count);
		return false;
	}
	counters_progress(worker->counters); /* also where none is sent on */
	note_streak(flow, (size_t)count);
	flow_push(
	    worker, flow, source, sink, span_of(worker->buffer, (size_t)count));
	return count == WORKER_BUFFER_BYTES;
}

/* True if the sink took a part, but not all. */
static bool
pipe_write(struct worker *worker, struct pipe *pipe, struct endpoint *source,
    struct endpoint *sink)
{
	ssize_t count = splice(pipe->read_fd, NULL, sink->watch.fd, NULL,
	    pipe->bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (count == -1)
		note_write_error(source, sink, errno);
	if (count <= 0)
		return false;
	pipe->bytes -= (size_t)count;
	counter_add(&worker->counters->spliced, (uint64_t)count);
	counters_progress(worker->counters);
	return pipe->bytes > 0;
}

/* Writes what is in the pipe; an empty one goes back to the pool. If a RST
 * interrupts splice(2), the kernel returns the bytes moved and drops the error;
 * the next read would look like the end of the stream. The next write says
 * EPIPE, so it is made at once, until one takes nothing or all. */
static void
pipe_flush(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	if (!takes_none(sink) && pipe_write(worker, flow->pipe, source, sink)) {
		while (pipe_write(worker, flow->pipe, source, sink))
			continue;
		sink->failed |= sink->reset_after_fin && !sink->eof;
	}
	if (flow->pipe->bytes == 0 || takes_none(sink))
		pipe_pool_return(&worker->pipes, &flow->pipe);
}

/* The pipe is empty here, so EAGAIN means an empty socket, or one with an
 * urgent byte in front, where splice(2) says EAGAIN or the end of the stream: a
 * read tells. A kernel that cannot splice from this socket says EINVAL before
 * it has taken a byte; copying serves then. */
static bool
splice_once(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	ssize_t count =
	    splice(source->watch.fd, NULL, flow->pipe->write_fd, NULL,
		flow->pipe->capacity_bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (count <= 0) {
		int error = count == 0 ? 0 : errno;

		pipe_pool_return(&worker->pipes, &flow->pipe);
		if (error == EINVAL || error == ENOSYS)
			pipe_pool_stop(&worker->pipes);
		else if (error != 0 && error != EAGAIN) {
			errno = error;
			note_read_end(source, sink, count);
			return false;
		}
		return copy_once(worker, flow, source, sink);
	}
	flow->pipe->bytes = (size_t)count;
	note_streak(flow, (size_t)count);
	flow_count(worker, flow, source, (size_t)count);
	pipe_flush(worker, flow, source, sink);
	return true;
}

static void
flush_unsent(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	size_t taken = deliver(worker, source, sink,
	    span_of(flow->unsent + flow->unsent_offset, flow->unsent_length));

	flow->unsent_offset += (uint32_t)taken;
	flow->unsent_length -= (uint32_t)taken;
	if (flow->unsent_length == 0)
		drop_unsent(flow);
}

bool
flow_run(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink)
{
	if (flow->pipe != NULL)
		pipe_flush(worker, flow, source, sink);
	if (flow->unsent_length > 0)
		flush_unsent(worker, flow, source, sink);
	if (flow_has_unsent(flow) || source->eof)
		return false;
	if (flow->streak >= STREAK_BULK &&
	    (flow->pipe = pipe_pool_borrow(&worker->pipes)) != NULL)
		return splice_once(worker, flow, source, sink);
	return copy_once(worker, flow, source, sink);
}
