/* ipc_test.c - what crosses a process boundary is read with suspicion. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "check.h"
#include "ipc/control_record.h"
#include "ipc/counters.h"
#include "ipc/log_record.h"

static void
records_come_back_whole_however_they_are_cut(void)
{
	unsigned char bytes[4096];
	int read_fd, write_fd;
	ssize_t length;

	CHECK(descriptor_pipe(&read_fd, &write_fd) == 0);
	CHECK(log_record_write(
	    write_fd, LOG_RECORD_LINE, LOG_LEVEL_WARNING, "first"));
	CHECK(
	    log_record_write(write_fd, LOG_RECORD_LOOKUP, LOG_LEVEL_DEBUG, ""));
	length = read(read_fd, bytes, sizeof bytes);
	for (ssize_t cut = 0; cut <= length; cut++) {
		struct log_record_reader reader = { .length = (size_t)cut };
		struct log_record record;
		unsigned seen = 0;

		memcpy(reader.bytes, bytes, (size_t)cut);
		seen += log_record_next(&reader, &record) == LOG_RECORD_WHOLE;
		memcpy(reader.bytes + reader.length, bytes + cut,
		    (size_t)(length - cut));
		reader.length += (size_t)(length - cut);
		while (log_record_next(&reader, &record) == LOG_RECORD_WHOLE)
			seen++;
		CHECK(seen == 2 && record.kind == LOG_RECORD_LOOKUP);
		CHECK(reader.length == 0);
	}
	descriptor_close(&read_fd);
	descriptor_close(&write_fd);
}

static void
a_record_that_none_of_ours_writes_is_refused(void)
{
	static const struct row {
		const char *name;
		unsigned char bytes[4];
	} rows[] = {
		{ "kind", { LOG_RECORD_KINDS, 0, 0, 0 } },
		{ "level", { LOG_RECORD_LINE, LOG_LEVELS, 0, 0 } },
		{ "length", { LOG_RECORD_LINE, 0, 0xff, 0xff } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct log_record_reader reader = { .length = 4 };
		struct log_record record;

		memcpy(reader.bytes, rows[i].bytes, 4);
		CHECK_ROW(
		    log_record_next(&reader, &record) == LOG_RECORD_INVALID,
		    rows[i].name);
	}
}

static void
a_line_is_cut_and_a_full_pipe_drops_it(void)
{
	char words[LOG_WORDS_SIZE * 2];
	struct log_record_reader reader = { .length = 0 };
	struct log_record record;
	int read_fd, write_fd;
	unsigned written = 0;

	memset(words, 'x', sizeof words);
	words[sizeof words - 1] = '\0';
	CHECK(descriptor_pipe(&read_fd, &write_fd) == 0);
	while (
	    log_record_write(write_fd, LOG_RECORD_LINE, LOG_LEVEL_ERROR, words))
		written++;
	CHECK(errno == EAGAIN && written > 1);
	reader.length =
	    (size_t)read(read_fd, reader.bytes, sizeof reader.bytes);
	CHECK(log_record_next(&reader, &record) == LOG_RECORD_WHOLE);
	CHECK(strlen(record.words) == LOG_WORDS_SIZE - 1);
	descriptor_close(&read_fd);
	descriptor_close(&write_fd);
}

static void
control_records_are_checked(void)
{
	struct control_record record = { .kind = CONTROL_ADDRESSES }, back;
	int read_fd, write_fd;

	CHECK(descriptor_pipe(&read_fd, &write_fd) == 0);
	CHECK(control_record_read(read_fd, &back) == -1 && errno == EAGAIN);
	record.addresses.count = 1;
	address_parse(&record.addresses.list[0], "10.0.0.1", 3128);
	CHECK(control_record_write(write_fd, &record) == 0);
	CHECK(control_record_read(read_fd, &back) == 1);
	CHECK(
	    address_equal(&back.addresses.list[0], &record.addresses.list[0]));
	record.addresses.count = UPSTREAM_ADDRESSES + 1;
	CHECK(control_record_write(write_fd, &record) == 0);
	CHECK(control_record_read(read_fd, &back) == -1 && errno == EBADMSG);
	record.addresses.count = 1;
	record.addresses.list[0].any.sa_family = AF_UNIX;
	CHECK(control_record_write(write_fd, &record) == 0);
	CHECK(control_record_read(read_fd, &back) == -1 && errno == EBADMSG);
	address_parse(&record.addresses.list[0], "10.0.0.1", 0);
	CHECK(control_record_write(write_fd, &record) == 0);
	CHECK(control_record_read(read_fd, &back) == -1 && errno == EBADMSG);
	record.kind = (enum control_kind)CONTROL_KINDS;
	CHECK(control_record_write(write_fd, &record) == 0);
	CHECK(control_record_read(read_fd, &back) == -1 && errno == EBADMSG);
	CHECK(write(write_fd, "short", 5) == 5);
	CHECK(control_record_read(read_fd, &back) == -1 && errno == EBADMSG);
	descriptor_close(&write_fd);
	CHECK(control_record_read(read_fd, &back) == 0);
	descriptor_close(&read_fd);
}

static void
counters_carry_into_their_upper_half(void)
{
	struct counters *counters = counters_map();

	CHECK(counters != NULL);
	CHECK(counter_read(&counters->sent) == 0);
	counter_add(&counters->sent, 0xffffffff);
	counter_add(&counters->sent, 1);
	CHECK(counter_read(&counters->sent) == 0x100000000);
	counter_add(&counters->sent, 0x300000007);
	CHECK(counter_read(&counters->sent) == 0x400000007);
	counter_step(&counters->open, 1);
	counter_step(&counters->open, 1);
	counter_step(&counters->open, -1);
	CHECK(counter_now(&counters->open) == 1);
	counters_unmap(&counters);
	CHECK(counters == NULL);
}

int
main(void)
{
	RUN(records_come_back_whole_however_they_are_cut);
	RUN(a_record_that_none_of_ours_writes_is_refused);
	RUN(a_line_is_cut_and_a_full_pipe_drops_it);
	RUN(control_records_are_checked);
	RUN(counters_carry_into_their_upper_half);
	return check_report();
}
