/* SPDX-License-Identifier: MIT */
#include "worker/connection_log.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "worker/authorization.h"
#include "worker/connection.h"
#include "worker/handshake.h"
#include "worker/relay.h"
#include "worker/worker.h"

enum { HTTP_PORT = 80 };

/* The upstream's configured name. */
static void
append_named(struct text *line, const struct worker *worker, unsigned upstream)
{
	const struct config_upstream *named;

	if (upstream == UPSTREAM_DIRECT) {
		text_append(line, "direct");
		return;
	}
	named = &worker->config->upstreams.list[upstream];
	text_host(line, named->host, named->port);
}

void
connection_log_upstream(struct text *text, const struct worker *worker,
    const struct connection *connection)
{
	char address[ADDRESS_TEXT_SIZE];

	if (connection->upstream_index == UPSTREAM_DIRECT ||
	    connection->upstream.any.sa_family == AF_UNSPEC)
		append_named(text, worker, connection->upstream_index);
	else
		text_append(text, address_text(&connection->upstream, address));
}

static void
append_keys(struct text *line, const struct worker *worker,
    const struct connection *connection, bool has_upstream)
{
	char text[ADDRESS_TEXT_SIZE];

	text_pair(line, "client", address_text(&connection->client, text));
	text_pair(line, "destination",
	    connection->destination.any.sa_family == AF_UNSPEC
		? "unknown"
		: address_text(&connection->destination, text));
	if (connection->host != NULL)
		text_pair(line, "host", connection->host);
	if (!has_upstream)
		return;
	text_pair(line, "upstream", "");
	connection_log_upstream(line, worker, connection);
}

/* What to do about a 401 or 407. */
static void
append_credentials_advice(struct text *line, const struct worker *worker,
    const struct connection *connection,
    const struct connect_response *response)
{
	const struct credential *credential =
	    authorization_of(worker, connection);

	if (response->challenges.length > 0 && !response->challenges.has_basic)
		text_append(line,
		    ": it wants credentials, and not by Basic: put a proxy "
		    "that adds them, such as cNTLM, in between");
	else if (credential == NULL)
		text_append(
		    line, ": it wants credentials: see -upstream-credentials");
	else {
		text_append(line, ": the upstream refuses the credentials in ");
		text_short(line, credential->path);
	}
}

static bool
is_port_80_refused(const struct worker *worker,
    const struct connection *connection,
    const struct connect_response *response)
{
	return address_port(&connection->destination) == HTTP_PORT &&
	    (response->status == 403 || response->status == 405) &&
	    !port_list_has(&worker->config->http_relay_ports, HTTP_PORT);
}

static void
append_advice(struct text *line, const struct worker *worker,
    const struct connection *connection,
    const struct connect_response *response)
{
	if (connect_response_is_challenge(response))
		append_credentials_advice(line, worker, connection, response);
	else if (is_port_80_refused(worker, connection, response))
		text_append(line, ": see -http-relay-ports");
}

static void
append_answer(struct text *line, const struct connect_response *response)
{
	text_format(line, " status=%u", response->status);
	text_quote(
	    line, "reason", span_of(response->reason, response->reason_length));
	if (connect_response_is_challenge(response))
		text_quote(line, "offers",
		    span_of(response->challenges.schemes,
			response->challenges.length));
}

/* NULL: nothing was asked, or the tunnel stands. */
static const struct request *
request_of(const struct connection *connection)
{
	if (connection->relay != NULL)
		return &connection->relay->request;
	return connection->handshake != NULL ? &connection->handshake->request
					     : NULL;
}

/* Where a failure has no cause, the upstream's answer is the cause. */
static const struct connect_response *
answer_of(const struct connection *connection)
{
	return &request_of(connection)->response;
}

static void
append_cause(
    struct text *line, const struct connection *connection, const char *cause)
{
	if (cause != NULL)
		text_quote(line, "cause", span_of(cause, strlen(cause)));
	else
		append_answer(line, answer_of(connection));
}

/* Of an answer that is no HTTP: the status line was not complete. */
static void
append_first_bytes(struct text *line, const struct connection *connection)
{
	const struct request *request = request_of(connection);

	if (connection->failure.kind != FAILURE_MALFORMED || request == NULL)
		return;
	if (request->first_length > 0 &&
	    request->response.place <= CONNECT_STATUS_END)
		text_quote(line, "first_bytes",
		    span_of(request->first, request->first_length));
}

/* Where more than one upstream was dialled or asked. */
static void
append_tried(struct text *line, const struct connection *connection)
{
	unsigned tried =
	    connection->relay != NULL ? connection->relay->tried : 0;

	if (connection->handshake != NULL)
		tried = route_count_tried(&connection->handshake->route);

	if (tried > 1)
		text_format(line, " tried=%u", tried);
}

void
connection_log_failure(struct worker *worker,
    const struct connection *connection,
    const struct connection_failure *failure, bool has_upstream)
{
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);
	unsigned left_out;

	if (!warning_limit_take(&worker->warning_limits[failure->kind],
		failure->words, worker->now_ms, &left_out))
		return;
	text_append(&line, failure->words);
	if (failure->cause == NULL)
		append_advice(&line, worker, connection, answer_of(connection));
	if (left_out > 0)
		text_format(&line, " (and %u like it left out)", left_out);
	append_keys(&line, worker, connection, has_upstream);
	append_cause(&line, connection, failure->cause);
	append_first_bytes(&line, connection);
	append_tried(&line, connection);
	log_warning("%s", bytes);
}

void
connection_log_passed_over(const struct worker *worker,
    const struct connection *connection, unsigned next)
{
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	if (!log_is_wanted(LOG_LEVEL_INFO))
		return;
	text_append(&line, "upstream passed over");
	append_keys(&line, worker, connection, true);
	if (connection->failure.cause != NULL)
		append_cause(&line, connection, connection->failure.cause);
	else
		text_format(&line, " status=%u", answer_of(connection)->status);
	text_pair(&line, "next", "");
	append_named(&line, worker, next);
	log_info("%s", bytes);
}

static void
append_relay(struct text *line, const struct relay *relay)
{
	if (relay == NULL)
		return;
	text_append(line, " mode=relay");
	if (connect_response_is_final(&relay->request.response))
		text_format(line, " status=%u", relay->request.response.status);
}

void
connection_log_state(const struct worker *worker,
    const struct connection *connection, const char *words, bool has_upstream)
{
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	text_format(&line, "connection is %s", words);
	append_keys(&line, worker, connection, has_upstream);
	log_debug("%s", bytes);
}

void
connection_log_stale(const struct worker *worker,
    const struct connection *connection, const char *cause)
{
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	if (!log_is_wanted(LOG_LEVEL_DEBUG))
		return;
	text_append(&line, "ready connection was stale, dialling");
	append_keys(&line, worker, connection, true);
	append_cause(&line, connection, cause);
	log_debug("%s", bytes);
}

static void
append_seconds(struct text *line, const char *key, int64_t duration_ms)
{
	text_format(line, " %s=%lld.%03d", key, (long long)(duration_ms / 1000),
	    (int)(duration_ms % 1000));
}

void
connection_log_closed(const struct worker *worker,
    const struct connection *connection, bool has_upstream)
{
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	if (!log_is_wanted(LOG_LEVEL_INFO))
		return;
	text_append(&line, "connection closed");
	append_keys(&line, worker, connection, has_upstream);
	text_format(&line, " sent=%llu received=%llu",
	    (unsigned long long)connection->flows[CLIENT].moved_bytes,
	    (unsigned long long)connection->flows[UPSTREAM].moved_bytes);
	append_seconds(
	    &line, "duration", worker->now_ms - connection->started_ms);
	if (connection->connect_ms >= 0)
		append_seconds(&line, "connect", connection->connect_ms);
	if (connection->answer_ms >= 0)
		append_seconds(&line, "answer", connection->answer_ms);
	text_pair(&line, "result", result_name(connection->result));
	append_relay(&line, connection->relay);
	log_info("%s", bytes);
}
