#include "worker/sniff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/handshake.h"
#include "worker/worker.h"

bool
sniff_begin(struct worker *worker, struct connection *connection)
{
	const struct config *config = worker->config;
	uint16_t port = address_port(&connection->destination);
	struct handshake *handshake = connection->handshake;

	handshake->tls_verdict = SCAN_NONE;
	handshake->http_verdict = SCAN_NONE;
	if (config->sniff_timeout_ms < 0)
		return false;
	if (port_list_has(&config->sniff_tls_ports, port)) {
		tls_client_hello_init(&handshake->tls);
		handshake->tls_verdict = SCAN_MORE;
	}
	if (port_list_has(&config->sniff_http_ports, port)) {
		http_request_head_init(&handshake->http);
		handshake->http_verdict = SCAN_MORE;
	}
	return handshake->tls_verdict == SCAN_MORE ||
	    handshake->http_verdict == SCAN_MORE;
}

/* Room for `length` more bytes: what the first segment needs, then doubled, so
 * that bytes that trickle in are not copied again for each. */
static bool
append_sniffed(
    struct handshake *handshake, const unsigned char *bytes, size_t length)
{
	size_t needed = handshake->sniffed_length + length;
	size_t capacity = handshake->sniffed_capacity * 2;
	unsigned char *grown;

	if (needed > handshake->sniffed_capacity) {
		if (capacity < needed)
			capacity = needed;
		if ((grown = realloc(handshake->sniffed, capacity)) == NULL)
			return false;
		handshake->sniffed = grown;
		handshake->sniffed_capacity = capacity;
	}
	memcpy(handshake->sniffed + handshake->sniffed_length, bytes, length);
	handshake->sniffed_length = needed;
	return true;
}

/* Shows the fresh bytes to each scanner that still wants to see some. */
static enum scan
scan(struct handshake *handshake, struct span fresh, struct host_name *name)
{
	if (handshake->tls_verdict == SCAN_MORE)
		handshake->tls_verdict =
		    tls_client_hello_scan(&handshake->tls, fresh, name);
	if (handshake->tls_verdict == SCAN_FOUND)
		return SCAN_FOUND;
	if (handshake->http_verdict == SCAN_MORE)
		handshake->http_verdict =
		    http_request_head_scan(&handshake->http, fresh, name);
	if (handshake->http_verdict == SCAN_FOUND)
		return SCAN_FOUND;
	return handshake->tls_verdict == SCAN_MORE ||
		handshake->http_verdict == SCAN_MORE
	    ? SCAN_MORE
	    : SCAN_NONE;
}

static enum connection_state
no_memory(struct worker *worker, struct connection *connection)
{
	return connection_fail(worker, connection, FAILURE_INTERNAL,
	    "connection closed for want of memory", strerror(ENOMEM));
}

enum connection_state
sniff_step(struct worker *worker, struct connection *connection, enum side side,
    uint32_t events)
{
	struct handshake *handshake = connection->handshake;
	size_t left =
	    worker->config->sniff_limit_bytes - handshake->sniffed_length;
	struct host_name name;
	enum scan verdict;
	ssize_t count;

	(void)side;
	if (worker->now_ms >= connection->deadline.at_ms)
		return CONNECTION_DIALLING;
	if (events == 0)
		return CONNECTION_SNIFFING;
	if (left > WORKER_BUFFER_BYTES)
		left = WORKER_BUFFER_BYTES;
	count = recv(connection->endpoints[CLIENT].fd, worker->buffer, left, 0);
	if (count == -1 && (errno == EAGAIN || errno == EINTR))
		return CONNECTION_SNIFFING;
	if (count == -1) {
		connection->result = RESULT_CLIENT_RESET;
		return CONNECTION_DONE;
	}
	if (count == 0) {
		connection->endpoints[CLIENT].eof = true;
		return CONNECTION_DIALLING;
	}
	worker_progress(worker);
	if (!append_sniffed(handshake, worker->buffer, (size_t)count))
		return no_memory(worker, connection);
	verdict =
	    scan(handshake, span_of(worker->buffer, (size_t)count), &name);
	if (verdict == SCAN_FOUND &&
	    (connection->host = strdup(name.text)) == NULL)
		return no_memory(worker, connection);
	return verdict == SCAN_MORE &&
		handshake->sniffed_length < worker->config->sniff_limit_bytes
	    ? CONNECTION_SNIFFING
	    : CONNECTION_DIALLING;
}
