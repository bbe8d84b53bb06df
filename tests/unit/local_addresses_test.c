/* SPDX-License-Identifier: MIT */
/* local_addresses_test.c - the host's own addresses, with a file in the place
 * of /proc/net/if_inet6. */

#include "worker/local_addresses.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

enum { MANY = 1000 };

static int socket_fd;
static FILE *file;

static struct local_addresses
open_file(void)
{
	struct local_addresses local;

	file = tmpfile();
	if (file == NULL)
		abort();
	local_addresses_open(&local, dup(fileno(file)));
	return local;
}

static void
close_file(struct local_addresses *local)
{
	local_addresses_close(local);
	fclose(file);
}

/* As the kernel writes it: address, index, length, scope, flags, interface. */
static void
write_address(const char *ip)
{
	struct in6_addr address;

	CHECK_ROW(inet_pton(AF_INET6, ip, &address) == 1, ip);
	for (size_t i = 0; i < sizeof address; i++)
		fprintf(file, "%02x", address.s6_addr[i]);
	fprintf(file, " 02 40 00 80     lan\n");
	fflush(file);
}

static bool
has(struct local_addresses *local, const char *ip, int64_t now_ms)
{
	struct address address;

	CHECK_ROW(address_parse(&address, ip, 443), ip);
	return local_addresses_has(local, socket_fd, &address, now_ms);
}

static void
both_families_are_known(void)
{
	struct local_addresses local = open_file();

	write_address("2001:db8::1");
	write_address("fe80::abcd:ef01");
	CHECK(has(&local, "127.0.0.1", 1));
	CHECK(!has(&local, "192.0.2.1", 1));
	CHECK(has(&local, "2001:db8::1", 1));
	CHECK(has(&local, "fe80::abcd:ef01", 1));
	CHECK(!has(&local, "2001:db8::2", 1));
	CHECK(!has(&local, "::1", 1));
	close_file(&local);
}

static void
port_and_interface_make_no_difference(void)
{
	struct local_addresses local = open_file();
	struct address address;

	write_address("fe80::1");
	CHECK(address_parse(&address, "fe80::1", 50000));
	address.v6.sin6_scope_id = 7;
	CHECK(local_addresses_has(&local, socket_fd, &address, 1));
	close_file(&local);
}

static void
addresses_come_and_go_within_a_second(void)
{
	struct local_addresses local = open_file();

	write_address("2001:db8::1");
	CHECK(has(&local, "2001:db8::1", 1));
	write_address("2001:db8::2");
	CHECK(!has(&local, "2001:db8::2", 1000));
	CHECK(has(&local, "2001:db8::2", 1001));
	CHECK(ftruncate(fileno(file), 0) == 0);
	rewind(file);
	write_address("2001:db8::2");
	CHECK(has(&local, "2001:db8::1", 2000));
	CHECK(!has(&local, "2001:db8::1", 2001));
	CHECK(has(&local, "2001:db8::2", 2001));
	close_file(&local);
}

/* More than one read(2) has; no line is lost where one ends. */
static void
a_long_list_is_read_to_its_end(void)
{
	struct local_addresses local = open_file();
	char ip[INET6_ADDRSTRLEN];

	for (unsigned i = 1; i <= MANY; i++) {
		snprintf(ip, sizeof ip, "2001:db8::%x", i);
		write_address(ip);
	}
	for (unsigned i = 1; i <= MANY; i++) {
		snprintf(ip, sizeof ip, "2001:db8::%x", i);
		CHECK_ROW(has(&local, ip, 1), ip);
	}
	CHECK(!has(&local, "2001:db8::f000", 1));
	close_file(&local);
}

static void
lines_that_are_no_addresses_are_passed_over(void)
{
	struct local_addresses local = open_file();

	fprintf(file, "\n2001\n%032d\n%s\n", 0,
	    "20010db80000000000000000000000xy 01");
	write_address("2001:db8::1");
	fprintf(
	    file, "20010db8000000000000000000000002 a line without its end");
	fflush(file);
	CHECK(has(&local, "2001:db8::1", 1));
	CHECK(has(&local, "::", 1));
	CHECK(!has(&local, "2001:db8::2", 1));
	close_file(&local);
}

static void
a_list_that_cannot_be_read_leaves_the_last(void)
{
	struct local_addresses local = open_file();
	int good_fd = socket_fd;

	write_address("2001:db8::1");
	CHECK(has(&local, "2001:db8::1", 1));
	socket_fd = -1;
	CHECK(has(&local, "2001:db8::1", 5000));
	CHECK(has(&local, "127.0.0.1", 5000));
	socket_fd = good_fd;
	close(local.ipv6_fd);
	CHECK(has(&local, "2001:db8::1", 10000));
	CHECK(has(&local, "127.0.0.1", 10000));
	local.ipv6_fd = -1;
	close_file(&local);
}

static void
without_ipv6_there_are_those_of_ipv4(void)
{
	struct local_addresses local;

	local_addresses_open(&local, -1);
	CHECK(has(&local, "127.0.0.1", 1));
	CHECK(!has(&local, "::1", 1));
	local_addresses_close(&local);
}

int
main(void)
{
	socket_fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (socket_fd == -1)
		socket_fd = socket(AF_INET, SOCK_STREAM, 0);
	RUN(both_families_are_known);
	RUN(port_and_interface_make_no_difference);
	RUN(addresses_come_and_go_within_a_second);
	RUN(a_long_list_is_read_to_its_end);
	RUN(lines_that_are_no_addresses_are_passed_over);
	RUN(a_list_that_cannot_be_read_leaves_the_last);
	RUN(without_ipv6_there_are_those_of_ipv4);
	return check_report();
}
