#include "worker/steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/connect_request.h"
#include "worker/handshake.h"
#include "worker/worker.h"

static size_t
write_request(const struct connection *connection, char *request, size_t size)
{
	char ip[INET_ADDRSTRLEN];
	const char *target = connection->host;

	if (target == NULL)
		target = inet_ntop(AF_INET,
		    &connection->destination.v4.sin_addr, ip, sizeof ip);
	return connect_request_write(request, size,
	    span_of(target, strlen(target)),
	    address_port(&connection->destination));
}

/* The request is written anew for each part that the socket takes: nearly
 * always it takes the whole. */
static enum connection_state
send_request(struct connection *connection)
{
	struct request *request = &connection->handshake->request;
	char bytes[CONNECT_REQUEST_SIZE];
	size_t length = write_request(connection, bytes, sizeof bytes);
	ssize_t count = send(connection->endpoints[UPSTREAM].watch.fd,
	    bytes + request->sent_bytes, length - request->sent_bytes,
	    MSG_NOSIGNAL);

	if (count == -1 && errno != EAGAIN && errno != EINTR)
		return connection_fail(connection, FAILURE_MALFORMED,
		    "no valid answer from the upstream", strerror(errno));
	if (count > 0)
		request->sent_bytes += (size_t)count;
	return request->sent_bytes < length ? CONNECTION_REQUESTING
					    : CONNECTION_ANSWERING;
}

enum connection_state
requesting_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	(void)worker;
	switch (wake->reason) {
	case WAKE_ENTERED:
	case WAKE_EVENT:
		return send_request(connection);
	case WAKE_DEADLINE:
		return connection_fail(connection, FAILURE_RESPONSE_TIMEOUT,
		    "no answer from the upstream in time", "timed out");
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_REQUESTING;
}
