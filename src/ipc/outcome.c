/* SPDX-License-Identifier: MIT */
#include "ipc/outcome.h"

const char *
result_name(enum connection_result result)
{
	static const char *const names[RESULTS] = {
		[RESULT_DONE] = "done",
		[RESULT_CLIENT_RESET] = "client_reset",
		[RESULT_UPSTREAM_RESET] = "upstream_reset",
		[RESULT_IDLE_TIMEOUT] = "idle_timeout",
		[RESULT_DRAINED] = "drained",
		[RESULT_ERROR] = "error",
	};

	return names[result];
}

static const struct refusal {
	unsigned status;
	const char *name;
} refusals[REFUSAL_STATUSES] = {
	{ 400, "400" },
	{ 401, "401" },
	{ 403, "403" },
	{ 404, "404" },
	{ 405, "405" },
	{ 407, "407" },
	{ 429, "429" },
	{ 500, "500" },
	{ 502, "502" },
	{ 503, "503" },
	{ 504, "504" },
	{ 0, "other" },
};

unsigned
refusal_index(unsigned status)
{
	unsigned index = 0;

	while (index < REFUSAL_STATUSES - 1 && refusals[index].status != status)
		index++;
	return index;
}

const char *
refusal_name(unsigned index)
{
	return refusals[index].name;
}

const char *
failure_name(enum failure failure)
{
	static const char *const names[FAILURES] = {
		[FAILURE_NOT_REDIRECTED] = "not_redirected",
		[FAILURE_NO_ENTRY] = "no_entry",
		[FAILURE_FORBIDDEN] = "forbidden",
		[FAILURE_LOOP] = "loop",
		[FAILURE_DIAL] = "dial",
		[FAILURE_NO_LOCAL_PORT] = "no_local_port",
		[FAILURE_REFUSED] = "refused",
		[FAILURE_MALFORMED] = "malformed",
		[FAILURE_MALFORMED_REQUEST] = "malformed_request",
		[FAILURE_RESPONSE_TIMEOUT] = "response_timeout",
		[FAILURE_CLIENT_LIMIT] = "client_limit",
		[FAILURE_EVICTED] = "evicted",
		[FAILURE_INTERNAL] = "internal",
	};

	return names[failure];
}

const char *
sniff_outcome_name(enum sniff_outcome outcome)
{
	static const char *const names[SNIFF_OUTCOMES] = {
		[SNIFF_TLS] = "tls",
		[SNIFF_HTTP] = "http",
		[SNIFF_NO_NAME] = "no_name",
		[SNIFF_LIMIT] = "limit",
		[SNIFF_TIMEOUT] = "timeout",
		[SNIFF_CLIENT_END] = "client_end",
	};

	return names[outcome];
}
