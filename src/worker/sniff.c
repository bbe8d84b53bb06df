/* SPDX-License-Identifier: MIT */
#include "worker/sniff.h"

#include "config/config.h"

bool
sniff_init(struct sniff *sniff, const struct config *config, uint16_t port)
{
	sniff->tls_verdict = SCAN_NONE;
	sniff->http_verdict = SCAN_NONE;
	sniff->relay_verdict = RELAY_TUNNEL;
	if (port_list_has(&config->http_relay_ports, port)) {
		relay_head_init(&sniff->relay);
		sniff->relay_verdict = RELAY_MORE;
	}
	if (config->sniff_timeout_ms < 0)
		return sniff->relay_verdict == RELAY_MORE;
	if (port_list_has(&config->sniff_tls_ports, port)) {
		tls_client_hello_init(&sniff->tls);
		sniff->tls_verdict = SCAN_MORE;
	}
	if (port_list_has(&config->sniff_http_ports, port)) {
		http_request_head_init(&sniff->http);
		sniff->http_verdict = SCAN_MORE;
	}
	return sniff->relay_verdict == RELAY_MORE ||
	    sniff->tls_verdict == SCAN_MORE || sniff->http_verdict == SCAN_MORE;
}

enum scan
sniff_scan(struct sniff *sniff, struct span fresh, struct host_name *name)
{
	if (sniff->tls_verdict == SCAN_MORE)
		sniff->tls_verdict =
		    tls_client_hello_scan(&sniff->tls, fresh, name);
	if (sniff->tls_verdict == SCAN_FOUND)
		return SCAN_FOUND;
	if (sniff->http_verdict == SCAN_MORE)
		sniff->http_verdict =
		    http_request_head_scan(&sniff->http, fresh, name);
	if (sniff->http_verdict == SCAN_FOUND)
		return SCAN_FOUND;
	/* A client that sends no more at once is finger's or JDWP's. */
	if (fresh.length > 0 && sniff->http_verdict == SCAN_MORE &&
	    http_request_head_is_doubtful(&sniff->http))
		sniff->http_verdict = SCAN_NONE;
	return sniff->tls_verdict == SCAN_MORE ||
		sniff->http_verdict == SCAN_MORE
	    ? SCAN_MORE
	    : SCAN_NONE;
}
