/* SPDX-License-Identifier: MIT */
#include "protocol/tls_client_hello.h"

#include <stdio.h>

#include "scan_rows.h"
#include "tls_client_hello_builder.h"
#include "tls_client_hello_captured.h"

#define NAME "www.example.com"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct tls_client_hello hello;
static struct built message, stream;

static void
init(void)
{
	memset(&hello, 0xa5, sizeof hello);
	tls_client_hello_init(&hello);
}

static enum scan
scan(struct span fresh, struct host_name *name)
{
	return tls_client_hello_scan(&hello, fresh, name);
}

static const struct scanner scanner = { init, scan };

/* The verdict comes with the byte in front of `end`, in any segmentation. */
static void
check_stream(const char *title, size_t end, enum scan verdict, const char *name)
{
	struct scan_row row = { title, span_of(stream.bytes, end),
		span_of(stream.bytes + end, stream.length - end), verdict,
		name };

	check_scan_row(&scanner, &row);
}

/* Each truncation is covered: the row asks for MORE with each byte until the
 * name's last, for every split. */
static void
check_found(const char *title, size_t record_size, const char *name)
{
	build_records(&stream, &message, record_size);
	check_stream(title, stream.name_end, SCAN_FOUND, name);
}

/* `end` counts in the message: the record's header is in front of it. */
static void
check_none(const char *title, size_t end)
{
	build_records(&stream, &message, message.length);
	check_stream(title, RECORD_HEADER_LENGTH + end, SCAN_NONE, NULL);
}

static void
real_clients_are_understood(void)
{
	for (size_t i = 0; i < COUNT(captured_hellos); i++) {
		build_captured(&stream, captured_hellos[i].hexadecimal, NAME);
		check_stream(captured_hellos[i].client, stream.name_end,
		    SCAN_FOUND, NAME);
	}
}

static void
real_clients_are_understood_in_other_records(void)
{
	for (size_t i = 0; i < COUNT(captured_hellos); i++) {
		build_captured(&stream, captured_hellos[i].hexadecimal, NAME);
		message.length = 0;
		put(&message, stream.bytes + RECORD_HEADER_LENGTH,
		    stream.length - RECORD_HEADER_LENGTH);
		message.name_end = stream.name_end - RECORD_HEADER_LENGTH;
		check_found(captured_hellos[i].client, 100, NAME);
	}
}

static void
a_hello_may_come_in_records_of_any_size(void)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 7, 38, 100, 1000 };
	char title[40];

	build_hello(&message, NAME, 300);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		snprintf(title, sizeof title, "%zu", sizes[i]);
		check_found(title, sizes[i], NAME);
	}
}

static void
a_hello_may_be_longer_than_segments_and_records(void)
{
	build_hello(&message, NAME, 1216);
	check_found("post-quantum", message.length, NAME);
	build_hello(&message, NAME, 9000);
	check_found("9000", message.length, NAME);
	build_hello(&message, NAME, 17000);
	check_found("17000", 1 << 14, NAME);
}

static void
the_name_may_be_anywhere(void)
{
	hello_begin(&message);
	put_server_name(&message, NAME);
	hello_end(&message);
	check_found("alone", message.length, NAME);

	hello_begin(&message);
	put_extension(&message, EXTENSION_GREASE, 1);
	put_extension(&message, EXTENSION_KEY_SHARE, 0);
	put_extension(&message, EXTENSION_PADDING, 512);
	put_server_name(&message, NAME);
	hello_end(&message);
	check_found("last", message.length, NAME);
}

static void
names_keep_to_the_rules(void)
{
	static const struct {
		const char *raw;
		const char *name;
	} rows[] = {
		{ "a", "a" },
		{ "Example.COM.", "Example.COM" },
		{ "127.0.0.1", NULL },
		{ "127.1", NULL },
		{ "2130706433", NULL },
		{ "0x7f000001", NULL },
		{ "localhost", NULL },
		{ "a.localhost.", NULL },
		{ ".", NULL },
		{ "..", NULL },
		{ "a..b", NULL },
		{ ".a", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		build_hello(&message, rows[i].raw, 10);
		if (rows[i].name != NULL)
			check_found(rows[i].raw, message.length, rows[i].name);
		else
			check_none(rows[i].raw, message.name_end);
	}
}

static void
a_byte_that_no_name_has_ends_the_search(void)
{
	build_hello(&message, "www.exam ple.com", 0);
	check_none("space", message.name_end - strlen("ple.com"));
	build_hello(&message, "[::1]", 0);
	check_none("bracket", message.name_end - strlen("::1]"));
	build_hello(&message, "www.example.com", 0);
	message.bytes[message.name_end - 1] = '\0';
	check_none("nul", message.name_end);
}

#define FIFTY "a123456789b123456789c123456789d123456789e12345678."
#define NAME_250 FIFTY FIFTY FIFTY FIFTY FIFTY

static void
the_longest_name_fits(void)
{
	size_t name_begin;

	build_hello(&message, NAME_250 "aaa", 0);
	check_found("253", message.length, NAME_250 "aaa");
	build_hello(&message, NAME_250 "aaa.", 0);
	check_found("253 and a dot", message.length, NAME_250 "aaa");
	build_hello(&message, NAME_250 "aaaa", 0);
	check_none("254", message.name_end);
	/* Longer ones are refused by their length alone. */
	build_hello(&message, NAME_250 "aaaa.", 0);
	name_begin = message.name_end - strlen(NAME_250 "aaaa.");
	check_none("254 and a dot", name_begin);
	build_hello(&message, NAME_250 NAME_250, 0);
	name_begin = message.name_end - strlen(NAME_250 NAME_250);
	check_none("500", name_begin);
}

static void
build_name_list(const char *other, const char *name, const char *last)
{
	size_t extension, list;

	hello_begin(&message);
	extension = extension_begin(&message, EXTENSION_SERVER_NAME);
	list = length_begin(&message, 2);
	if (other != NULL)
		put_name(&message, 7, other);
	if (name != NULL)
		put_name(&message, 0, name);
	if (last != NULL)
		put_name(&message, 0, last);
	length_end(&message, list, 2);
	extension_end(&message, extension);
	put_server_name(&message, "second.example");
	hello_end(&message);
}

#define SECOND_LENGTH (4 + 2 + 3 + strlen("second.example"))

static void
the_first_host_name_decides(void)
{
	build_name_list(NULL, NAME, "b.example");
	check_found("two host names", message.length, NAME);
	build_name_list("\x01\x02\x03 other", NAME, NULL);
	check_found("behind another type", message.length, NAME);
	build_name_list("", NAME, NULL);
	check_found("behind an empty other", message.length, NAME);
	build_name_list(NULL, "localhost", NAME);
	check_none("the first is no name", message.name_end);
	build_name_list(NULL, "", NAME);
	check_none("the first is empty", message.name_end);
	build_name_list("other", NULL, NULL);
	check_none("another type alone", message.length - SECOND_LENGTH);
	build_name_list("", NULL, NULL);
	check_none("an empty other alone", message.length - SECOND_LENGTH);
	build_name_list(NULL, NULL, NULL);
	check_none("an empty list", message.length - SECOND_LENGTH);
}

static void
a_hello_without_a_name_is_none_where_it_ends(void)
{
	hello_begin(&message);
	hello_end(&message);
	check_none("no extensions", message.length);

	hello_begin(&message);
	put_number(&message, 2, 0);
	hello_end(&message);
	check_none("an empty block", message.length);

	hello_begin(&message);
	put_extension(&message, EXTENSION_KEY_SHARE, 33);
	hello_end(&message);
	check_none("none is server_name", message.length);

	hello_begin(&message);
	put_extension(&message, EXTENSION_KEY_SHARE, 33);
	put_extension(&message, EXTENSION_GREASE, 0);
	hello_end(&message);
	check_none("the last is empty", message.length);
}

/* Lengths in a hello whose only extension, server_name, is also its end. */
enum {
	EXTENSION_AT = HELLO_EXTENSIONS_AT + 2,
	LIST_AT = EXTENSION_AT + 4,
	ENTRY_AT = LIST_AT + 2,
	NAME_LENGTH = sizeof NAME - 1,
	MESSAGE_LENGTH = ENTRY_AT + 3 + NAME_LENGTH,
};

/* Each length is wrong by what encloses it, or by the RFC. */
static const struct {
	const char *title;
	size_t at, width, number; /* the patch */
	size_t end; /* behind the byte that decides */
} wrong_rows[] = {
	{ "no ClientHello", 0, 1, 2, 1 },
	{ "no ClientHello", 0, 1, 0, 1 },
	{ "message empty", HELLO_LENGTH_AT, 3, 0, 4 },
	{ "no room for the random", HELLO_LENGTH_AT, 3, 33, 4 },
	{ "no session id length", HELLO_LENGTH_AT, 3, 34, HELLO_SESSION_ID_AT },
	{ "session id beyond", HELLO_LENGTH_AT, 3, 34 + 1 + 31,
	    HELLO_SESSION_ID_AT + 1 },
	{ "session id too long", HELLO_SESSION_ID_AT, 1, 33,
	    HELLO_SESSION_ID_AT + 1 },
	{ "session id too long", HELLO_SESSION_ID_AT, 1, 255,
	    HELLO_SESSION_ID_AT + 1 },
	{ "no suites length", HELLO_LENGTH_AT, 3, 34 + 33 + 1,
	    HELLO_SUITES_AT },
	{ "suites empty", HELLO_SUITES_AT, 2, 0, HELLO_SUITES_AT + 2 },
	{ "suites odd", HELLO_SUITES_AT, 2, 5, HELLO_SUITES_AT + 2 },
	{ "suites beyond", HELLO_SUITES_AT, 2, 0xfffe, HELLO_SUITES_AT + 2 },
	{ "suites beyond by one", HELLO_LENGTH_AT, 3, HELLO_SUITES_AT + 3,
	    HELLO_SUITES_AT + 2 },
	{ "no methods length", HELLO_LENGTH_AT, 3, HELLO_COMPRESSION_AT - 4,
	    HELLO_COMPRESSION_AT },
	{ "methods empty", HELLO_COMPRESSION_AT, 1, 0,
	    HELLO_COMPRESSION_AT + 1 },
	{ "methods beyond", HELLO_COMPRESSION_AT, 1, 255,
	    HELLO_COMPRESSION_AT + 1 },
	{ "half an extensions length", HELLO_LENGTH_AT, 3,
	    HELLO_EXTENSIONS_AT + 1 - 4, HELLO_EXTENSIONS_AT },
	{ "extensions empty", HELLO_EXTENSIONS_AT, 2, 0,
	    HELLO_EXTENSIONS_AT + 2 },
	{ "extensions short by one", HELLO_EXTENSIONS_AT, 2,
	    MESSAGE_LENGTH - EXTENSION_AT - 1, HELLO_EXTENSIONS_AT + 2 },
	{ "extensions beyond by one", HELLO_EXTENSIONS_AT, 2,
	    MESSAGE_LENGTH - EXTENSION_AT + 1, HELLO_EXTENSIONS_AT + 2 },
	{ "message short by one", HELLO_LENGTH_AT, 3, MESSAGE_LENGTH - 4 - 1,
	    HELLO_EXTENSIONS_AT + 2 },
	{ "message beyond by one", HELLO_LENGTH_AT, 3, MESSAGE_LENGTH - 4 + 1,
	    HELLO_EXTENSIONS_AT + 2 },
	{ "server_name empty", EXTENSION_AT + 2, 2, 0, EXTENSION_AT + 4 },
	{ "server_name of one byte", EXTENSION_AT + 2, 2, 1, EXTENSION_AT + 4 },
	{ "server_name short by one", EXTENSION_AT + 2, 2,
	    MESSAGE_LENGTH - LIST_AT - 1, LIST_AT + 2 },
	{ "server_name beyond by one", EXTENSION_AT + 2, 2,
	    MESSAGE_LENGTH - LIST_AT + 1, EXTENSION_AT + 4 },
	{ "other extension beyond by one", EXTENSION_AT, 4,
	    51 << 16 | (MESSAGE_LENGTH - LIST_AT + 1), EXTENSION_AT + 4 },
	{ "no room for a type", EXTENSION_AT, 4,
	    51 << 16 | (MESSAGE_LENGTH - LIST_AT - 1), MESSAGE_LENGTH - 1 },
	{ "no room for a length", EXTENSION_AT, 4,
	    51 << 16 | (MESSAGE_LENGTH - LIST_AT - 2), MESSAGE_LENGTH },
	{ "list short by one", LIST_AT, 2, MESSAGE_LENGTH - ENTRY_AT - 1,
	    LIST_AT + 2 },
	{ "list beyond by one", LIST_AT, 2, MESSAGE_LENGTH - ENTRY_AT + 1,
	    LIST_AT + 2 },
	{ "name empty", ENTRY_AT + 1, 2, 0, ENTRY_AT + 3 },
	{ "name beyond by one", ENTRY_AT + 1, 2, NAME_LENGTH + 1,
	    ENTRY_AT + 3 },
	{ "other name beyond by one", ENTRY_AT, 3, 1 << 16 | (NAME_LENGTH + 1),
	    ENTRY_AT + 3 },
	{ "other name short by one", ENTRY_AT, 3, 1 << 16 | (NAME_LENGTH - 1),
	    MESSAGE_LENGTH },
	{ "other name short by two", ENTRY_AT, 3, 1 << 16 | (NAME_LENGTH - 2),
	    MESSAGE_LENGTH - 1 },
};

static void
each_wrong_length_ends_the_search_at_once(void)
{
	for (size_t i = 0; i < COUNT(wrong_rows); i++) {
		hello_begin(&message);
		put_server_name(&message, NAME);
		hello_end(&message);
		CHECK(message.length == MESSAGE_LENGTH);
		patch_number(&message, wrong_rows[i].at, wrong_rows[i].width,
		    wrong_rows[i].number);
		check_none(wrong_rows[i].title, wrong_rows[i].end);
	}
}

/* The patch is at a stream's header, the first or that of a later record. */
static const struct {
	const char *title;
	size_t at, width, number;
	size_t end;
} wrong_records[] = {
	{ "application data", 0, 1, 23, 1 },
	{ "alert", 0, 1, 21, 1 },
	{ "SSLv2", 0, 2, 0x802e, 1 },
	{ "major version 2", 1, 1, 2, 2 },
	{ "major version 4", 1, 1, 4, 2 },
	{ "DTLS", 1, 1, 254, 2 },
	{ "record empty", 3, 2, 0, 5 },
	{ "record too long by one", 3, 2, (1 << 14) + 1, 5 },
	{ "record too long by far", 3, 2, 0x4100, 4 },
	{ "record too long by far", 3, 2, 0xffff, 4 },
	{ "alert in between", 5 + 60, 1, 21, 5 + 60 + 1 },
	{ "version in between", 5 + 60 + 1, 1, 2, 5 + 60 + 2 },
	{ "empty in between", 5 + 60 + 3, 2, 0, 5 + 60 + 5 },
	{ "too long in between", 5 + 60 + 3, 2, 0x4001, 5 + 60 + 5 },
};

static void
a_wrong_record_ends_the_search_at_once(void)
{
	build_hello(&message, NAME, 0);
	for (size_t i = 0; i < COUNT(wrong_records); i++) {
		build_records(&stream, &message, 60);
		patch_number(&stream, wrong_records[i].at,
		    wrong_records[i].width, wrong_records[i].number);
		check_stream(wrong_records[i].title, wrong_records[i].end,
		    SCAN_NONE, NULL);
	}
}

static void
versions_and_randoms_do_not_matter(void)
{
	build_hello(&message, NAME, 0);
	memset(message.bytes + 4, 0xff, 34);
	build_records(&stream, &message, message.length);
	stream.bytes[2] = 0xff;
	check_stream("", stream.name_end, SCAN_FOUND, NAME);
}

static void
a_hello_may_have_no_session_id(void)
{
	build_hello(&message, NAME, 0);
	memmove(message.bytes + HELLO_SESSION_ID_AT + 1,
	    message.bytes + HELLO_SUITES_AT, message.length - HELLO_SUITES_AT);
	message.length -= 32;
	message.name_end -= 32;
	patch_number(&message, HELLO_SESSION_ID_AT, 1, 0);
	patch_number(&message, HELLO_LENGTH_AT, 3, message.length - 4);
	check_found("", message.length, NAME);
}

static void
other_protocols_are_none_at_the_first_byte(void)
{
	static const char *const rows[] = { "GET / HTTP/1.1\r\n",
		"SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n", "EHLO x\r\n", "\xff",
		"\x17\x03\x03" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		stream.length = 0;
		put(&stream, rows[i], strlen(rows[i]));
		check_stream(rows[i], 1, SCAN_NONE, NULL);
	}
}

int
main(void)
{
	RUN(real_clients_are_understood);
	RUN(real_clients_are_understood_in_other_records);
	RUN(a_hello_may_come_in_records_of_any_size);
	RUN(a_hello_may_be_longer_than_segments_and_records);
	RUN(the_name_may_be_anywhere);
	RUN(names_keep_to_the_rules);
	RUN(a_byte_that_no_name_has_ends_the_search);
	RUN(the_longest_name_fits);
	RUN(the_first_host_name_decides);
	RUN(a_hello_without_a_name_is_none_where_it_ends);
	RUN(each_wrong_length_ends_the_search_at_once);
	RUN(a_wrong_record_ends_the_search_at_once);
	RUN(versions_and_randoms_do_not_matter);
	RUN(a_hello_may_have_no_session_id);
	RUN(other_protocols_are_none_at_the_first_byte);
	return check_report();
}
