/* SPDX-License-Identifier: MIT */
#include "status/advice.h"

#include "ipc/snapshot.h"

static const struct advice failures[FAILURES] = {
	[FAILURE_NOT_REDIRECTED] = { "connected to HandyProxy's own port",
	    "A program uses HandyProxy as if it were a proxy, or scans ports. "
	    "Only redirected connections are served: remove the proxy setting "
	    "there." },
	[FAILURE_NO_ENTRY] = { "no conntrack entry",
	    "The redirect was made on another host, or conntrack's entries "
	    "were "
	    "flushed: redirect on this host. If its table is full, raise "
	    "nf_conntrack_max." },
	[FAILURE_FORBIDDEN] = { "forbidden destination",
	    "Loopback, link-local, multicast or this host's own address. "
	    "Exclude it from the redirect (--exclude NET); a client that asks "
	    "for it by itself is misconfigured." },
	[FAILURE_LOOP] = { "redirect loop",
	    "Connections of the upstream proxy or of HandyProxy itself are "
	    "redirected: exempt the daemon's user (output.sh --exempt-user) or "
	    "the proxy's address (--exempt-source)." },
	[FAILURE_DIAL] = { "no connection to the upstream",
	    "Is the proxy up, does its name resolve, is there a route to it? "
	    "The last failure of each upstream has the cause; name a second "
	    "upstream (-upstream-proxy A,B)." },
	[FAILURE_NO_LOCAL_PORT] = { "no local port left",
	    "Too many connections to one address of the upstream: widen "
	    "net.ipv4.ip_local_port_range, set net.ipv4.tcp_tw_reuse to 1." },
	[FAILURE_REFUSED] = { "refused by the upstream",
	    "The proxy answered no: see the statuses of its refusals." },
	[FAILURE_MALFORMED] = { "no HTTP answer",
	    "The upstream closed the connection, or what it sent is no HTTP. "
	    "Is an HTTP proxy on that port? Too many connections also make "
	    "some proxies close new ones." },
	[FAILURE_MALFORMED_REQUEST] = { "malformed request body",
	    "A client sent a broken chunked body. Nothing to do here." },
	[FAILURE_RESPONSE_TIMEOUT] = { "no answer in time",
	    "The upstream did not answer within -response-timeout. Look at the "
	    "proxy and at its name server." },
	[FAILURE_CLIENT_LIMIT] = { "too many connections of one client",
	    "See the heaviest clients. If it may have more, raise "
	    "-max-per-client." },
	[FAILURE_EVICTED] = { "closed for a newer connection",
	    "All connections were in use: raise -max-connections, descriptors "
	    "or memory; see what bounds them." },
	[FAILURE_INTERNAL] = { "out of memory or descriptors",
	    "HandyProxy itself could not go on: the log has the cause." },
};

struct advice
advice_on_failure(enum failure failure)
{
	return failures[failure];
}

static const struct {
	unsigned status;
	struct advice advice;
} refusals[] = {
	{ 400,
	    { "bad request",
		"The proxy did not understand CONNECT. Is it an HTTP proxy, "
		"does "
		"it demand a field (-connect-header)?" } },
	{ 401,
	    { "credentials wanted",
		"The proxy wants a user: -upstream-credentials FILE." } },
	{ 403,
	    { "forbidden",
		"The proxy's access list says no. To port 80: "
		"-http-relay-ports "
		"80. If it wants names: -sniff-timeout 2s. Else ask its "
		"operator." } },
	{ 404,
	    { "not found",
		"A web server answers so, or a proxy that cannot resolve the "
		"name: check the port of -upstream-proxy." } },
	{ 405,
	    { "method not allowed",
		"No CONNECT there. To port 80: -http-relay-ports 80; to every "
		"port: that is no proxy." } },
	{ 407,
	    { "credentials wanted",
		"-upstream-credentials FILE, or the password has changed. If "
		"the log's offers= lacks Basic: cNTLM in between." } },
	{ 429,
	    { "too many requests",
		"The proxy bounds what one client may ask: ask its operator "
		"for "
		"more, or add an upstream." } },
	{ 500, { "internal error", "The proxy is broken: see its own log." } },
	{ 502,
	    { "bad gateway",
		"The proxy reached the destination, or its own parent, without "
		"success. Many at once: its way to the Internet is gone." } },
	{ 503,
	    { "unavailable",
		"The proxy could not resolve or reach the destination, or is "
		"overloaded. Many at once: see its own log." } },
	{ 504,
	    { "gateway timeout",
		"The destination did not answer the proxy. Many at once: its "
		"way to the Internet is slow." } },
};

struct advice
advice_on_refusal(unsigned index)
{
	static const struct advice other = { "another status",
		"The log has status and reason of each." };

	for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (refusal_index(refusals[i].status) == index)
			return refusals[i].advice;
	}
	return other;
}

const char *
advice_state(unsigned state)
{
	static const char *const words[SNAPSHOT_STATES] = {
		"looking for a name",
		"choosing an upstream",
		"waiting for the upstream's address",
		"connecting to the upstream",
		"sending the request",
		"waiting for the upstream's answer",
		"open tunnels",
		"plain HTTP requests",
	};

	return words[state];
}

const char *
advice_result(enum connection_result result)
{
	static const char *const words[RESULTS] = {
		[RESULT_DONE] = "both sides ended",
		[RESULT_CLIENT_RESET] = "reset by the client",
		[RESULT_UPSTREAM_RESET] = "reset by the upstream",
		[RESULT_IDLE_TIMEOUT] = "silent for too long",
		[RESULT_DRAINED] = "ended by a stop",
		[RESULT_ERROR] = "broken",
	};

	return words[result];
}

const char *
advice_sniff(enum sniff_outcome outcome)
{
	static const char *const words[SNIFF_OUTCOMES] = {
		[SNIFF_TLS] = "name found, TLS",
		[SNIFF_HTTP] = "name found, HTTP",
		[SNIFF_NO_NAME] = "no name in the first bytes",
		[SNIFF_LIMIT] = "no name within -sniff-max-bytes",
		[SNIFF_TIMEOUT] = "no name within -sniff-timeout",
		[SNIFF_CLIENT_END] = "ended by the client before",
	};

	return words[outcome];
}
