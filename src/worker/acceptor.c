#include "worker/acceptor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "ipc/log_pipe.h"
#include "worker/original_destination.h"
#include "worker/worker.h"

/* How many at a time, so that the other workers get theirs. */
enum { ACCEPT_BURST = 16, RETRY_MS = 1000 };

enum { ON_DUTY = 2, DUTY_MS = 10 };

void
acceptor_open(struct worker *worker)
{
	worker->acceptor.spare = connection_reserve(worker);
}

bool
acceptor_wants_client(struct worker *worker)
{
	struct acceptor *acceptor = &worker->acceptor;
	bool full = worker->open >= worker->limit;

	if (worker->listener_fd == -1)
		return false;
	if (full != acceptor->full)
		log_pipe_signal(full ? LOG_RECORD_FULL : LOG_RECORD_ROOM);
	acceptor->full = full;
	return !full && pending_has_capacity(worker) &&
	    worker->now_ms >= acceptor->duty_from_ms &&
	    (!acceptor->out_of_resources ||
		worker->now_ms >= acceptor->retry_ms);
}

int64_t
acceptor_due_ms(const struct worker *worker)
{
	if (worker->listener_fd == -1 || worker->open >= worker->limit)
		return DEADLINE_NEVER;
	if (!pending_has_capacity(worker))
		return pending_due_ms(worker);
	if (worker->now_ms < worker->acceptor.duty_from_ms)
		return worker->acceptor.duty_from_ms;
	return worker->acceptor.out_of_resources &&
		worker->now_ms < worker->acceptor.retry_ms
	    ? worker->acceptor.retry_ms
	    : DEADLINE_NEVER;
}

void
acceptor_capacity_freed(struct worker *worker)
{
	struct acceptor *acceptor = &worker->acceptor;

	if (worker->open + 1 >= worker->limit || acceptor->out_of_resources)
		acceptor->duty_from_ms = worker->now_ms;
	acceptor->retry_ms = worker->now_ms;
}

/* When this worker's duty slot begins; now, if it is in one. Slot t is that of
 * the workers t, t + 1, ... ON_DUTY of them, modulo their number. */
static int64_t
next_duty_ms(const struct worker *worker)
{
	unsigned workers = worker->config->workers;
	int64_t slot = worker->now_ms / DUTY_MS;
	unsigned ahead;

	if (workers <= ON_DUTY)
		return worker->now_ms;
	ahead =
	    (worker->number + workers - (unsigned)(slot % workers)) % workers;
	return ahead < ON_DUTY ? worker->now_ms
			       : (slot + ahead - (ON_DUTY - 1)) * DUTY_MS;
}

static void
pause_accept(struct worker *worker, const char *cause)
{
	struct acceptor *acceptor = &worker->acceptor;

	worker_progress(worker); /* an expired deadline, not a spin */
	acceptor->retry_ms = worker->now_ms + RETRY_MS;
	if (!acceptor->out_of_resources)
		log_warning("no means for another connection, new ones wait "
			    "cause=\"%s\"",
		    cause);
	acceptor->out_of_resources = true;
}

/* What accept4(2) says of the client, not of us. */
static bool
is_passing(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EINTR:
	case EPERM:
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case EOPNOTSUPP:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

static void
admit(struct worker *worker, struct connection *connection)
{
	const struct destination_refusal *refusal = original_destination_get(
	    worker, connection->endpoints[CLIENT].fd, &connection->destination);

	counter_add(&worker->counters->accepted, 1);
	worker_progress(worker);
	if (refusal == NULL) {
		pending_evict(worker);
		connection_begin(worker, connection);
		return;
	}
	connection_log_failure(worker, connection, refusal->failure,
	    refusal->words, refusal->cause);
	connection_release(worker, connection);
}

/* True if there may be another client. */
static bool
accept_one(struct worker *worker)
{
	struct acceptor *acceptor = &worker->acceptor;
	struct connection *connection = acceptor->spare;
	socklen_t length = sizeof connection->client;
	int fd;

	if (connection == NULL &&
	    (connection = connection_reserve(worker)) == NULL) {
		pause_accept(worker, strerror(errno));
		return false;
	}
	acceptor->spare = connection;
	fd = accept4(worker->listener_fd, &connection->client.any, &length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		if (errno == EAGAIN)
			worker_progress(worker); /* another took it */
		else if (!is_passing(errno))
			pause_accept(worker, strerror(errno));
		return is_passing(errno);
	}
	if (acceptor->out_of_resources)
		log_warning("there are means for connections again");
	acceptor->out_of_resources = false;
	acceptor->spare = NULL;
	connection->endpoints[CLIENT].fd = fd;
	admit(worker, connection);
	return true;
}

void
acceptor_run(struct worker *worker)
{
	unsigned accepted = 0;

	/* It is closed where the order to drain came with the client. */
	while (accepted < ACCEPT_BURST && worker->listener_fd != -1 &&
	    worker->open < worker->limit && pending_has_capacity(worker) &&
	    accept_one(worker))
		accepted++;
	if (accepted < ACCEPT_BURST)
		worker->acceptor.duty_from_ms = next_duty_ms(worker);
}

void
acceptor_close(struct worker *worker)
{
	descriptor_close(&worker->listener_fd);
	if (worker->acceptor.spare != NULL)
		connection_release(worker, worker->acceptor.spare);
	worker->acceptor.spare = NULL;
}
