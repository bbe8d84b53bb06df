/* SPDX-License-Identifier: MIT */
/* options_test.c - option values, precedence, and what a reload compares. */

#include "config/options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/option_source.h"

static struct config config;
static char words[LOG_WORDS_SIZE];

static bool
load(int argc, char *argv[])
{
	struct text error = text_in(words, sizeof words);

	return options_load(&config, argc, argv, "/start", &error);
}

static bool
set(const char *name, const char *value)
{
	struct text error = text_in(words, sizeof words);
	struct option_source file = { .is_file = true, .directory = "/start" };
	const struct option_row *row =
	    option_source_find(&file, name, strlen(name), &error);

	return row != NULL &&
	    option_source_set(&file, row, value, &config, &error);
}

static void
the_defaults_are_those_of_the_manual(void)
{
	char *argv[] = { "handyproxy", NULL };

	CHECK(load(1, argv));
	CHECK(config.local_port == 8443);
	CHECK(config.local_address.v4.sin_addr.s_addr == 0);
	CHECK(config.upstreams.count == 1);
	CHECK(strcmp(config.upstreams.list[0].host, "localhost") == 0);
	CHECK(config.upstreams.list[0].port == 3128);
	CHECK(!config.proxies.list.direct);
	CHECK(config.upstream_order == UPSTREAM_ORDER_LISTED);
	CHECK(config.failover_after_ms == 5000);
	CHECK(config.check_interval_ms == 10000);
	CHECK(config.routes.count == 0);
	CHECK(config.dial_timeout_ms == 180000);
	CHECK(config.response_timeout_ms == 180000);
	CHECK(config.sniff_timeout_ms == -1);
	CHECK(config.sniff_limit_bytes == 8192);
	CHECK(port_list_has(&config.sniff_tls_ports, 25));
	CHECK(port_list_has(&config.sniff_http_ports, 25));
	CHECK(config.half_close == HALF_CLOSE_FORWARD);
	CHECK(config.idle_timeout_ms == 7440000);
	CHECK(config.half_closed_timeout_ms == 600000);
	CHECK(config.drain_timeout_ms == 5000);
	CHECK(config.workers >= 2);
	CHECK(config.max_connections == 0);
	CHECK(config.sandbox);
	CHECK(config.log.to == LOG_TO_DEFAULT);
	CHECK(config.log_level == LOG_LEVEL_NOTICE);
	CHECK(!config.background && !config.check);
}

static void
special_values_mean_what_the_manual_says(void)
{
	char path[PATH_MAX];

	CHECK(set("sniff-timeout", "0") && config.sniff_timeout_ms == 1000);
	CHECK(set("sniff-timeout", "-5m") && config.sniff_timeout_ms == -1);
	CHECK(set("sniff-timeout", "2s") && config.sniff_timeout_ms == 2000);
	CHECK(set("sniff-max-bytes", "0") && config.sniff_limit_bytes == 8192);
	CHECK(set("sniff-max-bytes", "-7") && config.sniff_limit_bytes == 8192);
	CHECK(set("sniff-max-bytes", "-2000000") &&
	    config.sniff_limit_bytes == 8192);
	CHECK(set("sniff-max-bytes", "1") && config.sniff_limit_bytes == 1);
	CHECK(set("idle-timeout", "0") && config.idle_timeout_ms == 0);
	CHECK(!set("idle-timeout", "-1s"));
	CHECK(!set("dial-timeout", "0"));
	CHECK(set("daemon", NULL) && config.background);
	CHECK(set("daemon", "false") && !config.background);
	CHECK(!set("daemon", "yes"));
	CHECK(set("log-to", "syslog") && config.log.to == LOG_TO_SYSLOG);
	CHECK(set("log-to", "some/file") && config.log.to == LOG_TO_FILE);
	CHECK(strcmp(config.log.path, "/start/some/file") == 0);
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[PATH_MAX - 3] = '\0';
	CHECK(set("log-to", path) && strcmp(config.log.path, path) == 0);
	path[PATH_MAX - 3] = 'x';
	path[PATH_MAX - 2] = '\0';
	CHECK(!set("log-to", path)); /* a reload could not name it */
	CHECK(
	    set("log-format", "json") && config.log_format == LOG_FORMAT_JSON);
	CHECK(
	    set("log-format", "text") && config.log_format == LOG_FORMAT_TEXT);
	CHECK(!set("log-format", "yaml"));
	CHECK(set("pid-file", "/run/x") &&
	    strcmp(config.pid_file, "/run/x") == 0);
}

static bool
takes_status_address(const char *value)
{
	return set("status-address", value) &&
	    status_address_is_set(&config.status_address);
}

static void
a_status_address_is_an_address_or_a_path(void)
{
	static const struct row {
		const char *value, *written; /* NULL: it is refused */
		bool is_public;
	} rows[] = {
		{ "127.0.0.1:9090", "127.0.0.1:9090", false },
		{ "127.8.8.8:1", "127.8.8.8:1", false },
		{ "[::1]:65535", "[::1]:65535", false },
		{ "[::ffff:127.0.0.1]:9090", "127.0.0.1:9090", false },
		{ "0.0.0.0:9090", "0.0.0.0:9090", true },
		{ "[::]:9090", "[::]:9090", true },
		{ "10.0.0.1:9090", "10.0.0.1:9090", true },
		{ "/run/x.sock", "/run/x.sock", false },
		{ "x.sock", "/start/x.sock", false },
		{ "./10.0.0.1:9090", "/start/./10.0.0.1:9090", false },
		{ "10.0.0.1", NULL, false },
		{ "::1", NULL, false },
		{ "[::1]9090", NULL, false },
		{ "[::1:9090", NULL, false },
		{ "::1:9090", NULL, false },
		{ "9090", NULL, false },
		{ ":9090", NULL, false },
		{ "localhost:9090", NULL, false },
		{ "10.0.0.1:0", NULL, false },
		{ "", NULL, false },
	};
	char bytes[256];
	struct text text;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		text = text_in(bytes, sizeof bytes);
		CHECK_ROW(takes_status_address(rows[i].value) ==
			(rows[i].written != NULL),
		    rows[i].value);
		if (rows[i].written == NULL)
			continue;
		status_address_append(&text, &config.status_address);
		CHECK_ROW(strcmp(bytes, rows[i].written) == 0, rows[i].value);
		CHECK_ROW(status_address_is_public(&config.status_address) ==
			rows[i].is_public,
		    rows[i].value);
	}
}

/* What bind(2) takes, with the byte that ends it. */
static void
a_status_path_fits_into_an_address(void)
{
	char path[STATUS_PATH_SIZE + 1];

	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[STATUS_PATH_SIZE] = '\0';
	CHECK(!takes_status_address(path));
	path[STATUS_PATH_SIZE - 1] = '\0';
	CHECK(takes_status_address(path));
}

static void
an_error_names_option_value_and_what_is_expected(void)
{
	CHECK(!set("local-port", "70000"));
	CHECK(
	    strcmp(words,
		"local-port \"70000\": expected a port from 1 to 65535") == 0);
	CHECK(!set("log-level", "loud\n"));
	CHECK(strstr(words, "\"loud\\x0a\"") != NULL);
	CHECK(!set("no-such", "1") && strstr(words, "no-such") != NULL);
	CHECK(!set("local-port", NULL) && strstr(words, "missing") != NULL);
}

static void
the_command_line_is_spelt_in_four_ways_and_the_last_wins(void)
{
	char *argv[] = { "handyproxy", "-local-port", "1", "--local-port=2",
		"-dial-timeout=7s", "--response-timeout", "8s", "-daemon",
		"-daemon=false", NULL };

	CHECK(load(9, argv));
	CHECK(config.local_port == 2);
	CHECK(config.dial_timeout_ms == 7000);
	CHECK(config.response_timeout_ms == 8000);
	CHECK(!config.background);
}

static void
the_file_gives_way_to_the_command_line(void)
{
	char path[] = "/tmp/options_test.XXXXXX";
	char *argv[] = { "handyproxy", "-local-port", "7", "-config", path,
		NULL };
	FILE *file = fdopen(mkstemp(path), "w");

	fputs("# a comment\r\nlocal-port 9\r\n\n\tdial-timeout\t4s # four\n"
	      "daemon\nworkers 3",
	    file);
	fclose(file);
	CHECK(load(5, argv));
	CHECK(config.local_port == 7);
	CHECK(config.dial_timeout_ms == 4000);
	CHECK(config.background);
	CHECK(config.workers == 3);
	remove(path);
}

/* Those of the command line replace those of the file as a whole. */
static void
options_that_add_up_do_so_in_each_source(void)
{
	char path[] = "/tmp/options_test.XXXXXX";
	char *of_file[] = { "handyproxy", "-config", path, NULL };
	char *of_both[] = { "handyproxy", "-route", "10.3.0.0/16 direct",
		"-config", path, "-connect-header", "C: 3", "-connect-header",
		"D: 4", "-connect-header", "E: 5", NULL };
	FILE *file = fdopen(mkstemp(path), "w");

	fputs("connect-header A: 1\nconnect-header B: 2\n"
	      "route 10.1.0.0/16 direct\nroute 10.2.0.0/16 direct\n",
	    file);
	fclose(file);
	CHECK(load(3, of_file));
	CHECK(config.connect_headers.count == 2);
	CHECK(config.routes.count == 2);
	CHECK(load(11, of_both));
	CHECK(config.connect_headers.count == 3);
	CHECK(strcmp(config.connect_headers.list[0], "C: 3") == 0);
	CHECK(strcmp(config.connect_headers.list[2], "E: 5") == 0);
	CHECK(config.routes.count == 1);
	CHECK(config.proxies.upstreams.count == 1);
	remove(path);
}

static void
count_change(enum option_scope scope, const char *name, void *context)
{
	unsigned *changes = context;

	(void)name;
	changes[scope]++;
}

static void
a_reload_sees_what_changed_and_keeps_what_cannot(void)
{
	char *before_argv[] = { "handyproxy", NULL };
	char *after_argv[] = { "handyproxy", "-local-port", "9", "-user", "x",
		"-idle-timeout", "1s", "-workers", "7", NULL };
	unsigned changes[OPTION_OF_CALLER + 1] = { 0 };
	static struct config before;

	CHECK(load(1, before_argv));
	before = config;
	options_compare(&before, &config, count_change, changes);
	CHECK(changes[OPTION_OF_START] == 0 && changes[OPTION_OF_WORKERS] == 0);
	CHECK(load(9, after_argv));
	options_compare(&before, &config, count_change, changes);
	CHECK(changes[OPTION_OF_START] == 2);
	CHECK(changes[OPTION_OF_WORKERS] == 2);
	CHECK(changes[OPTION_OF_MASTER] == 0);
	options_copy_scope(&config, &before, OPTION_OF_START);
	CHECK(config.local_port == 8443 && config.user.name[0] == '\0');
	CHECK(config.idle_timeout_ms == 1000 && config.workers == 7);
}

int
main(void)
{
	RUN(the_defaults_are_those_of_the_manual);
	RUN(special_values_mean_what_the_manual_says);
	RUN(a_status_address_is_an_address_or_a_path);
	RUN(a_status_path_fits_into_an_address);
	RUN(an_error_names_option_value_and_what_is_expected);
	RUN(the_command_line_is_spelt_in_four_ways_and_the_last_wins);
	RUN(the_file_gives_way_to_the_command_line);
	RUN(options_that_add_up_do_so_in_each_source);
	RUN(a_reload_sees_what_changed_and_keeps_what_cannot);
	return check_report();
}
