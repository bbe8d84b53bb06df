#include "worker/connection_log.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "worker/worker.h"

enum { GAIN_MS = 1000 };

void
connection_log_init(struct connection_log *log, int64_t now_ms)
{
	for (unsigned i = 0; i < FAILURES; i++)
		log->limits[i] = (struct warning_limit){
			.tokens = CONNECTION_LOG_BURST,
			.gained_ms = now_ms,
		};
}

static void
gain(struct warning_limit *limit, int64_t now_ms)
{
	int64_t gained = (now_ms - limit->gained_ms) / GAIN_MS;

	if (gained <= 0)
		return;
	limit->gained_ms += gained * GAIN_MS;
	limit->tokens = gained >= CONNECTION_LOG_BURST - (int64_t)limit->tokens
	    ? CONNECTION_LOG_BURST
	    : limit->tokens + (unsigned)gained;
}

/* Before an address was chosen, the upstream is what the administrator calls
 * it. */
static void
append_upstream(struct text *line, const struct worker *worker,
    const struct connection *connection)
{
	const struct config_upstream *named = &worker->config->upstream;
	char text[ADDRESS_TEXT_SIZE];

	if (connection->upstream.any.sa_family != AF_UNSPEC) {
		text_pair(line, "upstream",
		    address_text(&connection->upstream, text));
		return;
	}
	text_append(line, " upstream=");
	text_host(line, named->host, named->port);
}

static void
append_keys(struct text *line, const struct worker *worker,
    const struct connection *connection)
{
	char text[ADDRESS_TEXT_SIZE];

	text_pair(line, "client", address_text(&connection->client, text));
	text_pair(line, "destination",
	    connection->destination.any.sa_family == AF_UNSPEC
		? "unknown"
		: address_text(&connection->destination, text));
	if (connection->host != NULL)
		text_pair(line, "host", connection->host);
	if (connection->state >= CONNECTION_DIALLING)
		append_upstream(line, worker, connection);
}

static void
warn(struct worker *worker, struct connection *connection, enum failure kind,
    const char *words, const char *details)
{
	struct warning_limit *limit = &worker->connection_log.limits[kind];
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	counter_add(&worker->counters->failed[kind], 1);
	gain(limit, worker->now_ms);
	limit->words = words;
	if (limit->tokens == 0) {
		limit->left_out++;
		return;
	}
	limit->tokens--;
	text_append(&line, words);
	if (limit->left_out > 0)
		text_format(
		    &line, " (and %u like it left out)", limit->left_out);
	limit->left_out = 0;
	append_keys(&line, worker, connection);
	text_append(&line, details);
	log_warning("%s", bytes);
}

void
connection_log_failure(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause)
{
	char details[128];
	struct text text = text_in(details, sizeof details);

	text_quote(&text, "cause", span_of(cause, strlen(cause)));
	warn(worker, connection, kind, words, details);
}

void
connection_log_refusal(struct worker *worker, struct connection *connection,
    const char *words, unsigned status, struct span reason)
{
	char details[1024]; /* each byte of the reason may take four */
	struct text text = text_in(details, sizeof details);

	text_format(&text, " status=%u", status);
	text_quote(&text, "reason", reason);
	warn(worker, connection, FAILURE_REFUSED, words, details);
}

void
connection_log_closed(struct worker *worker, struct connection *connection)
{
	int64_t duration_ms = worker->now_ms - connection->started_ms;
	char bytes[LOG_WORDS_SIZE];
	struct text line = text_in(bytes, sizeof bytes);

	if (!log_is_wanted(LOG_LEVEL_INFO))
		return;
	text_append(&line, "connection closed");
	append_keys(&line, worker, connection);
	text_format(&line, " sent=%llu received=%llu duration=%lld.%03d",
	    (unsigned long long)connection->flows[CLIENT].moved_bytes,
	    (unsigned long long)connection->flows[UPSTREAM].moved_bytes,
	    (long long)(duration_ms / 1000), (int)(duration_ms % 1000));
	text_pair(&line, "result", connection_result_name(connection->result));
	log_info("%s", bytes);
}

int64_t
connection_log_due_ms(const struct connection_log *log)
{
	int64_t due_ms = DEADLINE_NEVER;

	for (unsigned i = 0; i < FAILURES; i++) {
		const struct warning_limit *limit = &log->limits[i];

		if (limit->left_out > 0 && limit->gained_ms + GAIN_MS < due_ms)
			due_ms = limit->gained_ms + GAIN_MS;
	}
	return due_ms;
}

void
connection_log_suppressed(struct connection_log *log, int64_t now_ms)
{
	for (unsigned i = 0; i < FAILURES; i++) {
		struct warning_limit *limit = &log->limits[i];

		if (limit->left_out == 0)
			continue;
		gain(limit, now_ms);
		if (limit->tokens == 0)
			continue;
		limit->tokens--;
		log_warning(
		    "%s: %u more, left out", limit->words, limit->left_out);
		limit->left_out = 0;
	}
}
