/* SPDX-License-Identifier: MIT */
/* tunnel_list_test.c - lists of tunnels in shared memory: each has one writer,
 * and the reader believes nothing. */

#include "ipc/tunnel_list.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const struct tunnel good = {
	.age_ms = 1,
	.mode = TUNNEL_DIRECT,
	.state = 7,
	.client = "10.0.0.5:1",
	.destination = "[2001:db8::1]:443",
	.upstream = "direct",
	.host = "a.test",
};

static struct shared_area area;
static struct tunnel_list *lists[2];

static bool
comes_back(const struct tunnel *tunnel)
{
	struct tunnel copy;

	tunnel_list_write(lists[1], 9, tunnel);
	return tunnel_list_read(&area, 1, 9, &copy) &&
	    memcmp(&copy, tunnel, sizeof copy) == 0;
}

static void
what_is_written_is_read(void)
{
	struct shared_area own = area;
	struct tunnel copy;

	lists[1] = tunnel_lists_take(&own, 1);
	CHECK(own.writable == NULL && own.readable != NULL);
	CHECK(comes_back(&good));
	CHECK(tunnel_list_read(&area, 1, 8, &copy) && copy.client[0] == '\0');
	CHECK(tunnel_list_read(&area, 0, 9, &copy) && copy.client[0] == '\0');
	tunnel_list_empty(lists[1]);
	CHECK(tunnel_list_read(&area, 1, 9, &copy) && copy.client[0] == '\0');
}

static void
what_no_worker_writes_is_refused(void)
{
	struct tunnel bad = good;

	bad.mode = TUNNEL_MODES;
	CHECK(!comes_back(&bad));
	bad = good;
	bad.state = 8;
	CHECK(!comes_back(&bad));
	bad = good;
	memset(bad.host, 'a', sizeof bad.host);
	CHECK(!comes_back(&bad));
	bad = good;
	memset(bad.client, '1', sizeof bad.client);
	CHECK(!comes_back(&bad));
	for (unsigned byte = 1; byte < 256; byte++) {
		bool is_printable = byte >= ' ' && byte <= '~';

		bad = good;
		bad.upstream[3] = (char)byte;
		CHECK(comes_back(&bad) == is_printable);
		bad = good;
		bad.destination[0] = (char)byte;
		CHECK(comes_back(&bad) == is_printable);
	}
}

/* Whether a process that does this dies of SIGSEGV. */
static bool
is_deadly(void (*act)(struct shared_area *own))
{
	struct shared_area own;
	int status = 0;
	pid_t pid;

	CHECK(tunnel_lists_map(&own) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		act(&own);
		_exit(0);
	}
	CHECK(pid != -1 && waitpid(pid, &status, 0) == pid);
	shared_area_unmap(&own);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void
write_own(struct shared_area *own)
{
	tunnel_list_write(
	    tunnel_lists_take(own, 2), TUNNEL_LIST_MAX - 1, &good);
}

static void
write_other(struct shared_area *own)
{
	unsigned char *all = own->writable;
	size_t list_bytes = own->bytes / TUNNEL_LISTS;

	tunnel_lists_take(own, 2);
	all[3 * list_bytes] = 1;
}

static void
write_readable(struct shared_area *own)
{
	unsigned char *all = own->readable;

	tunnel_lists_take(own, 2);
	all[2 * (own->bytes / TUNNEL_LISTS)] = 1;
}

static void
a_worker_writes_its_own_list_alone(void)
{
	CHECK(!is_deadly(write_own));
	CHECK(is_deadly(write_other));
	CHECK(is_deadly(write_readable));
}

static void
some_have_no_list(void)
{
	struct shared_area own;

	CHECK(tunnel_lists_map(&own) == 0);
	CHECK(tunnel_lists_take(&own, TUNNEL_LISTS) == NULL);
	CHECK(own.writable == NULL && own.readable != NULL);
	shared_area_unmap(&own);
	CHECK(tunnel_lists_take(&own, 0) == NULL); /* there is no memory */
}

int
main(void)
{
	CHECK(tunnel_lists_map(&area) == 0);
	RUN(what_is_written_is_read);
	RUN(what_no_worker_writes_is_refused);
	RUN(a_worker_writes_its_own_list_alone);
	RUN(some_have_no_list);
	return check_report();
}
