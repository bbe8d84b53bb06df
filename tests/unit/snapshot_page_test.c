/* SPDX-License-Identifier: MIT */
/* snapshot_page_test.c - snapshots go from one process to another whole. */

#include "ipc/snapshot_page.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static struct snapshot written, copy;

static void
publish_filled_with(struct snapshot_page *page, unsigned char byte)
{
	memset(&written, byte, sizeof written);
	snapshot_publish(page, &written);
}

/* Every byte is as its first, but for those that no member has. */
static bool
is_whole(const struct snapshot *snapshot)
{
	const unsigned char *bytes = (const unsigned char *)snapshot;
	size_t i = 1;

	while (i < sizeof *snapshot && bytes[i] == bytes[0])
		i++;
	return i == sizeof *snapshot;
}

static void
the_last_one_is_read(void)
{
	struct snapshot_page *page = snapshot_map();

	CHECK(page != NULL);
	CHECK(!snapshot_read(page, &copy));
	for (unsigned char i = 1; i < 6; i++) {
		publish_filled_with(page, i);
		for (unsigned again = 0; again < 2; again++) {
			CHECK(snapshot_read(page, &copy));
			CHECK(memcmp(&copy, &written, sizeof copy) == 0);
		}
	}
	snapshot_unmap(&page);
	CHECK(page == NULL);
}

static pid_t
fork_writer(struct snapshot_page *page)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (unsigned char i = 0;; i++)
		publish_filled_with(page, i);
}

static bool
first_byte_is(const struct snapshot *snapshot, unsigned char byte)
{
	return *(const unsigned char *)snapshot == byte;
}

/* The writer never pauses, so that a reader may fail; it never reads parts of
 * two. It reads until it has seen the writer go on. */
static void
a_reader_never_sees_a_part_of_one(void)
{
	struct snapshot_page *page = snapshot_map();
	unsigned changes = 0;
	unsigned char last = 0;
	pid_t writer;

	publish_filled_with(page, last);
	writer = fork_writer(page);
	while (changes < 100) {
		if (!snapshot_read(page, &copy))
			continue;
		CHECK(is_whole(&copy));
		changes += !first_byte_is(&copy, last);
		last = *(unsigned char *)&copy;
	}
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	snapshot_unmap(&page);
}

static void
a_writer_that_was_killed_leaves_a_whole_one(void)
{
	struct snapshot_page *page = snapshot_map();

	publish_filled_with(page, 7);
	for (unsigned i = 0; i < 50; i++) {
		pid_t writer = fork_writer(page);

		while (!snapshot_read(page, &copy) || first_byte_is(&copy, 7))
			continue;
		usleep(i * 17); /* to die elsewhere each time */
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
		CHECK(snapshot_read(page, &copy));
		CHECK(is_whole(&copy));
		publish_filled_with(page, 7);
		CHECK(snapshot_read(page, &copy));
		CHECK(first_byte_is(&copy, 7) && is_whole(&copy));
	}
	snapshot_unmap(&page);
}

int
main(void)
{
	RUN(the_last_one_is_read);
	RUN(a_reader_never_sees_a_part_of_one);
	RUN(a_writer_that_was_killed_leaves_a_whole_one);
	return check_report();
}
