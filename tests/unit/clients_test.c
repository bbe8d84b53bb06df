/* SPDX-License-Identifier: MIT */
/* clients_test.c - how many connections a client has, in one worker and in
 * all: the table that a worker writes, as the others read it. */

#include "worker/clients.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { WORKERS = 3, MANY = 20000 };

static struct client_counts counts;
static struct clients workers[WORKERS];

static struct address
address_of(const char *text)
{
	struct address address;

	CHECK(address_parse(&address, text, 50000));
	return address;
}

static struct client *
join(unsigned worker, const struct address *address)
{
	CHECK(clients_reserve(&workers[worker]) == 0);
	return clients_join(&workers[worker], address);
}

static void
start(void)
{
	if (counts.writable == NULL)
		CHECK(client_counts_map(&counts) == 0);
	for (unsigned i = 0; i < WORKERS; i++)
		clients_init(&workers[i], &counts.writable[i], counts.readable,
		    WORKERS, i);
}

static void
a_client_is_counted_in_all_workers(void)
{
	struct address a = address_of("192.0.2.1"), b = address_of("192.0.2.2");
	struct client *first, *second, *third;

	start();
	first = join(0, &a);
	second = join(0, &a);
	third = join(1, &a);
	CHECK(first == second && first != third);
	for (unsigned i = 0; i < WORKERS; i++) {
		CHECK(clients_count(&workers[i], &a) == 3);
		CHECK(clients_count(&workers[i], &b) == 0);
	}
	clients_leave(&workers[0], first);
	clients_leave(&workers[1], third);
	CHECK(clients_count(&workers[2], &a) == 1);
	clients_leave(&workers[0], second);
	CHECK(clients_count(&workers[0], &a) == 0);
	CHECK(clients_count(&workers[2], &a) == 0);
	for (unsigned i = 0; i < WORKERS; i++)
		clients_clear(&workers[i]);
}

static void
the_hosts_of_one_64_are_one_client(void)
{
	static const struct row {
		const char *a, *b;
		bool same;
		unsigned interface_of_b;
	} rows[] = {
		{ "2001:db8::1", "2001:db8::ffff:2", true, 0 },
		{ "2001:db8::1", "2001:db8:0:1::1", false, 0 },
		{ "192.0.2.1", "192.0.2.2", false, 0 },
		{ "fe80::1", "fe80::2", true, 0 },
		{ "fe80::1", "fe80::2", false, 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address a = address_of(rows[i].a);
		struct address b = address_of(rows[i].b);
		struct client *client;

		if (rows[i].interface_of_b != 0)
			b.v6.sin6_scope_id = rows[i].interface_of_b;
		start();
		client = join(0, &a);
		CHECK_ROW((clients_count(&workers[1], &b) == 1) == rows[i].same,
		    rows[i].b);
		clients_leave(&workers[0], client);
		clients_clear(&workers[0]);
	}
}

/* Where a table has no entry for a client, its own worker counts it alone. */
static void
more_clients_than_entries_are_counted_where_they_are(void)
{
	static struct client *joined[MANY];
	struct address address = address_of("10.0.0.0");
	unsigned elsewhere = 0;

	start();
	for (unsigned i = 0; i < MANY; i++) {
		address.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
		joined[i] = join(0, &address);
		CHECK(clients_count(&workers[0], &address) == 1);
		elsewhere += clients_count(&workers[1], &address);
	}
	CHECK(elsewhere > CLIENT_ENTRIES / 2 && elsewhere <= CLIENT_ENTRIES);
	for (unsigned i = 0; i < MANY; i++)
		clients_leave(&workers[0], joined[i]);
	for (unsigned i = 0; i < CLIENT_ENTRIES; i++)
		CHECK(counts.readable[0].entries[i].open == 0);
	clients_clear(&workers[0]);
}

static void
tables_are_looked_at_once_they_are_in_use(void)
{
	struct address a = address_of("192.0.2.1");
	struct client *client;

	start();
	client = join(2, &a);
	clients_look_at(&workers[0], 2);
	CHECK(clients_count(&workers[0], &a) == 0);
	clients_look_at(&workers[0], 3);
	CHECK(clients_count(&workers[0], &a) == 1);
	clients_leave(&workers[2], client);
	CHECK(clients_count(&workers[0], &a) == 0);
	clients_clear(&workers[2]);
}

/* Where all tables have owners. */
static void
a_worker_without_a_table_counts_its_own(void)
{
	struct address a = address_of("192.0.2.1");
	struct client *here, *there;

	start();
	clients_init(
	    &workers[0], NULL, counts.readable, WORKERS, CLIENT_TABLES);
	here = join(0, &a);
	there = join(1, &a);
	CHECK(clients_count(&workers[0], &a) == 2);
	CHECK(clients_count(&workers[1], &a) == 1);
	clients_leave(&workers[0], here);
	clients_leave(&workers[1], there);
	for (unsigned i = 0; i < WORKERS; i++)
		clients_clear(&workers[i]);
}

static int
ends_by_signal(void (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		act();
		_exit(EXIT_SUCCESS);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
write_own_table(void)
{
	struct client_table *own = client_counts_take(&counts, 1);

	client_entry_set(&own->entries[0], 1, 1);
}

static void
write_a_table_that_is_read(void)
{
	client_counts_take(&counts, 1);
	client_entry_set(&counts.readable[0].entries[0], 1, 1);
}

static void
make_tables_writable(void)
{
	client_counts_take(&counts, 1);
	if (mprotect(counts.readable, sizeof(struct client_table),
		PROT_READ | PROT_WRITE) == -1)
		abort();
}

static void
write_where_there_is_no_own_table(void)
{
	struct client_table *tables = counts.writable;

	CHECK(client_counts_take(&counts, CLIENT_TABLES) == NULL);
	client_entry_set(&tables[CLIENT_TABLES - 1].entries[0], 1, 1);
}

static void
read_unmapped_tables(void)
{
	struct client_table *tables = counts.readable;

	client_counts_unmap(&counts);
	_exit(client_table_exceeds(tables, 0));
}

static void
write_another_workers_table(void)
{
	struct client_table *own = client_counts_take(&counts, 1);

	client_entry_set(&(own - 1)->entries[0], 1, 1);
}

static void
a_child_writes_its_own_table_alone(void)
{
	start();
	CHECK(ends_by_signal(write_own_table) == 0);
	CHECK(counts.readable[1].entries[0].open == 1);
	CHECK(ends_by_signal(write_a_table_that_is_read) == SIGSEGV);
	CHECK(ends_by_signal(make_tables_writable) == SIGABRT);
	CHECK(ends_by_signal(write_where_there_is_no_own_table) == SIGSEGV);
	CHECK(ends_by_signal(read_unmapped_tables) == SIGSEGV);
	CHECK(ends_by_signal(write_another_workers_table) == SIGSEGV);
	CHECK(counts.readable[0].entries[0].open == 0);
}

int
main(void)
{
	RUN(a_client_is_counted_in_all_workers);
	RUN(the_hosts_of_one_64_are_one_client);
	RUN(more_clients_than_entries_are_counted_where_they_are);
	RUN(tables_are_looked_at_once_they_are_in_use);
	RUN(a_worker_without_a_table_counts_its_own);
	RUN(a_child_writes_its_own_table_alone);
	return check_report();
}
