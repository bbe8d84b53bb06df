/* SPDX-License-Identifier: MIT */
/* name_services_test.c - which lines of nsswitch.conf(5) need Unix sockets. */

#include "resolver/name_services.h"

#include <stdio.h>

#include "check.h"

static void
only_modules_that_ask_a_daemon_need_unix_sockets(void)
{
	static const struct row {
		const char *line;
		bool need;
	} rows[] = {
		{ "hosts: files dns\n", false },
		{ "hosts:files dns", false },
		{ " hosts :\tfiles [NOTFOUND=return] dns myhostname\n", false },
		{ "hosts: files [ !UNAVAIL = return ] dns\n", false },
		{ "hosts: files [NOTFOUND=return", false },
		{ "hosts: files dns # mdns4_minimal\n", false },
		{ "# hosts: resolve\n", false },
		{ "hosts:", false },
		{ "hosts", false },
		{ "", false },
		{ "passwd: files systemd\n", false },
		{ "hosts_of_others: resolve\n", false },
		{ "hosts: files mdns4_minimal [NOTFOUND=return] dns", true },
		{ "hosts: mymachines resolve [!UNAVAIL=return] files", true },
		{ "hosts: dns sss\n", true },
		{ "hosts: filesystem\n", true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char line[128];

		snprintf(line, sizeof line, "%s", rows[i].line);
		CHECK_ROW(
		    name_services_line_needs_unix_sockets(line) == rows[i].need,
		    rows[i].line);
	}
}

int
main(void)
{
	RUN(only_modules_that_ask_a_daemon_need_unix_sockets);
	return check_report();
}
