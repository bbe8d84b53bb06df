/* SPDX-License-Identifier: MIT */
#include "config/option_table.h"

#include <string.h>

#include "config/option_credentials.h"
#include "config/option_upstream.h"

/* An option's place in struct config; its last use wins. */
#define FIELD(member)                                                          \
	offsetof(struct config, member), sizeof(((struct config *)0)->member), \
	    false

/* The same for an option whose uses add up. */
#define REPEATS(member)                                                        \
	offsetof(struct config, member), sizeof(((struct config *)0)->member), \
	    true

static const char a_duration[] = "a duration above 0 such as 25s or 1m30s";
static const char a_duration_or_0[] = "0 or a duration such as 25s or 1m30s";
static const char a_port_list[] =
    "ports such as 443,8443,9000-9100, or all, or none";
static const char a_path[] = "a path";
static const char true_or_false[] = "true or false";

const struct option_row option_table[] = {
	{ "local-port", "N", "8443", NULL, "a port from 1 to 65535",
	    "TCP port to listen on", option_set_port, FIELD(local_port),
	    OPTION_OF_START },
	{ "local-address", "IP", "0.0.0.0", NULL,
	    "an IPv4 address, or an IPv6 address that is not link-local",
	    "address to listen on; :: takes IPv6 and IPv4 clients",
	    option_set_address, FIELD(local_address), OPTION_OF_START },
	{ "upstream-proxy", "LIST", "localhost:3128", NULL,
	    "HOST[:PORT][,HOST[:PORT]]...",
	    "upstream HTTP proxies in order of preference: "
	    "HOST[:PORT][,HOST[:PORT]]..., 8 at most; the default port is "
	    "3128; the last may be direct",
	    option_set_proxies, FIELD(proxies), OPTION_OF_WORKERS },
	{ "upstream-order", "listed|spread", "listed", NULL, "listed or spread",
	    "listed: the first upstream that is up; spread: by the client's "
	    "address, so that a client keeps its proxy",
	    option_set_upstream_order, FIELD(upstream_order),
	    OPTION_OF_WORKERS },
	{ "failover-after", "D", "5s", NULL, a_duration,
	    "while another upstream is left: the longest time to connect to "
	    "one, and the age up to which a refusal leads to the next",
	    option_set_positive_duration, FIELD(failover_after_ms),
	    OPTION_OF_WORKERS },
	{ "check-interval", "D", "10s", NULL, a_duration,
	    "time between probes of an upstream that is down, give or take "
	    "20 %",
	    option_set_positive_duration, FIELD(check_interval_ms),
	    OPTION_OF_WORKERS },
	{ "route", "'MATCH[,MATCH]... VIA'", NULL, "none",
	    "MATCH[,MATCH]... VIA",
	    "repeatable: destinations that go another way; the first rule "
	    "that matches decides. MATCH: an "
	    "IP, a CIDR, NAME (it and all below it), .NAME (below it), *. "
	    "VIA: direct, or a list as -upstream-proxy has",
	    option_set_route, REPEATS(routes), OPTION_OF_WORKERS },
	{ "upstream-credentials", "FILE", NULL, "none",
	    "FILE or HOST[:PORT]=FILE[,...]",
	    "a file with the user and the password for upstreams that want "
	    "them, a line each; HOST[:PORT]=FILE[,...] where they differ",
	    option_set_credentials, FIELD(upstream_credentials),
	    OPTION_OF_WORKERS },
	{ "http-relay-ports", "LIST", "none", NULL, a_port_list,
	    "destination ports whose plain HTTP requests go as proxy requests, "
	    "without CONNECT",
	    option_set_ports, FIELD(http_relay_ports), OPTION_OF_WORKERS },
	{ "http-head-timeout", "D", "60s", NULL, a_duration,
	    "the longest wait there for the head of the first request",
	    option_set_positive_duration, FIELD(http_head_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "connect-header", "'NAME: VALUE'", NULL, "none",
	    "NAME: VALUE without control characters, 511 bytes at most",
	    "repeatable, 8 at most: a field added to each CONNECT",
	    option_add_connect_header, REPEATS(connect_headers),
	    OPTION_OF_WORKERS },
	{ "ready-connections", "N", "0", NULL, "a number from 0 to 16",
	    "unused connections that each worker keeps to an upstream while "
	    "it is in use, so that a client need not wait for one",
	    option_set_ready_connections, FIELD(ready_connections),
	    OPTION_OF_WORKERS },
	{ "ready-timeout", "D", "8s", NULL, a_duration,
	    "how old an unused connection may get",
	    option_set_positive_duration, FIELD(ready_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "dial-timeout", "D", "3m", NULL, a_duration,
	    "time to connect to the upstream proxy, name resolution "
	    "included",
	    option_set_positive_duration, FIELD(dial_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "response-timeout", "D", "3m", NULL, a_duration,
	    "time from the sent CONNECT to the end of the proxy's response "
	    "header",
	    option_set_positive_duration, FIELD(response_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "sniff-timeout", "D", "-1s", NULL, "a duration such as 2s or -1s",
	    "the longest wait for a host name in the client's first bytes; "
	    "negative: no sniffing; 0: 1s",
	    option_set_sniff_timeout, FIELD(sniff_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "sniff-max-bytes", "N", "8192", NULL,
	    "a number of bytes up to 1048576",
	    "the most bytes searched for a host name; 0 or a negative number: "
	    "the default",
	    option_set_sniff_limit, FIELD(sniff_limit_bytes),
	    OPTION_OF_WORKERS },
	{ "sniff-tls-ports", "LIST", "all", NULL, a_port_list,
	    "destination ports whose first bytes are searched for a TLS "
	    "server name",
	    option_set_ports, FIELD(sniff_tls_ports), OPTION_OF_WORKERS },
	{ "sniff-http-ports", "LIST", "all", NULL, a_port_list,
	    "the same for an HTTP host; a connection to a port on neither "
	    "list is never delayed",
	    option_set_ports, FIELD(sniff_http_ports), OPTION_OF_WORKERS },
	{ "half-close", "forward|hold", "forward", NULL, "forward or hold",
	    "whether a client's end of stream is passed on at once, or held "
	    "until the origin has ended",
	    option_set_half_close, FIELD(half_close), OPTION_OF_WORKERS },
	{ "idle-timeout", "D", "2h4m", NULL, a_duration_or_0,
	    "closes a tunnel that has been silent in both directions for "
	    "this time; 0: never",
	    option_set_duration, FIELD(idle_timeout_ms), OPTION_OF_WORKERS },
	{ "half-closed-timeout", "D", "10m", NULL, a_duration_or_0,
	    "the same, after one side has ended its stream; 0: never",
	    option_set_duration, FIELD(half_closed_timeout_ms),
	    OPTION_OF_WORKERS },
	{ "drain-timeout", "D", "5s", NULL, a_duration_or_0,
	    "how long a stop lets open tunnels finish", option_set_duration,
	    FIELD(drain_timeout_ms), OPTION_OF_WORKERS },
	{ "workers", "N", "auto", "one per CPU, at least 2",
	    "a number from 1 to 256", "worker processes", option_set_workers,
	    FIELD(workers), OPTION_OF_WORKERS },
	{ "max-connections", "N", NULL,
	    "as many as descriptors, memory and nf_conntrack_max allow",
	    "a number from 1 to 10000000",
	    "most connections at once, all workers together",
	    option_set_connections, FIELD(max_connections), OPTION_OF_MASTER },
	{ "max-per-client", "N", "auto",
	    "half of the connections at once, at least 16",
	    "a number from 0 to 10000000",
	    "most connections at once of one client address (IPv6: one /64); "
	    "0: no bound",
	    option_set_per_client, FIELD(max_per_client), OPTION_OF_MASTER },
	{ "user", "NAME", NULL, USER_NAME " if that user exists, else nobody",
	    "the name or number of a user",
	    "the user that a daemon started as root becomes", option_set_user,
	    FIELD(user.name), OPTION_OF_START },
	{ "group", "NAME", NULL, "the user's group",
	    "the name or number of a group", "the same for the group",
	    option_set_user, FIELD(group.name), OPTION_OF_START },
	{ "chroot", "DIR", NULL, "none", a_path,
	    "root directory of the workers", option_set_path,
	    FIELD(chroot_path), OPTION_OF_START },
	{ "sandbox", "on|off", "on", NULL, "on or off",
	    "the workers' system-call filter and ban on file access",
	    option_set_on_off, FIELD(sandbox), OPTION_OF_WORKERS },
	{ "log-to", "stderr|syslog|FILE", NULL, "stderr; with -daemon: syslog",
	    "stderr, syslog or a path", "where the log goes", option_set_log_to,
	    FIELD(log), OPTION_OF_MASTER },
	{ "log-format", "text|json", "text", NULL, "text or json",
	    "how a line of the log is written: words and pairs of key and "
	    "value, or one JSON object",
	    option_set_log_format, FIELD(log_format), OPTION_OF_MASTER },
	{ "log-level", "LEVEL", "notice", NULL,
	    "error, warning, notice, info or debug",
	    "error, warning, notice, info (a line per finished connection) "
	    "or debug",
	    option_set_log_level, FIELD(log_level), OPTION_OF_WORKERS },
	{ "status-address", "IP:PORT|PATH", NULL, "none",
	    "an address with its port such as 127.0.0.1:9090 or [::1]:9090, or "
	    "the path of a socket, 107 bytes at most",
	    "serves the status page, metrics and JSON; a path is a Unix "
	    "socket, mode 0660, of -user and -group",
	    option_set_status_address, FIELD(status_address), OPTION_OF_START },
	{ "daemon", NULL, NULL, "off", true_or_false,
	    "go to the background once the port is bound", option_set_switch,
	    FIELD(background), OPTION_OF_START },
	{ "pid-file", "FILE", NULL, "none", a_path,
	    "the master's pid, written once the port is bound, locked while "
	    "it lives",
	    option_set_path, FIELD(pid_file), OPTION_OF_START },
	{ "config", "FILE", NULL, "none", a_path,
	    "options from a file, one `name value` on a line; the command "
	    "line wins",
	    option_set_path, FIELD(config_file), OPTION_OF_CALLER },
	{ "check", NULL, NULL, NULL, true_or_false,
	    "check the options and the file, print the mistake or "
	    "`configuration ok`, and exit",
	    option_set_switch, FIELD(check), OPTION_OF_CALLER },
	{ "print", "NAME", NULL, NULL, "the name of an option",
	    "print the value that the option NAME has and exit: durations in "
	    "seconds, other values as they were written",
	    option_set_option, FIELD(print), OPTION_OF_CALLER },
	{ "top", NULL, NULL, NULL, true_or_false,
	    "show what a running instance does, live in this terminal, and "
	    "exit; finds it by -status-address, from -config too",
	    option_set_switch, FIELD(top), OPTION_OF_CALLER },
	{ "version", NULL, NULL, NULL, true_or_false,
	    "print the version and exit", option_set_switch, FIELD(version),
	    OPTION_OF_CALLER },
	{ "help", NULL, NULL, NULL, true_or_false, "print the options and exit",
	    option_set_switch, FIELD(help), OPTION_OF_CALLER },
	{ .name = NULL },
};

/* The last row has no name. */
_Static_assert(
    sizeof option_table / sizeof option_table[0] - 1 <= OPTION_TABLE_MAX,
    "OPTION_TABLE_MAX is too small");

const struct option_row *
option_table_find(const char *name, size_t length)
{
	const struct option_row *row = option_table;

	while (row->name != NULL &&
	    (strlen(row->name) != length ||
		strncmp(row->name, name, length) != 0))
		row++;
	return row->name != NULL ? row : NULL;
}

void *
option_table_field(const struct option_row *row, struct config *config)
{
	return (char *)config + row->offset;
}
