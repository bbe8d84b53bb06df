/* SPDX-License-Identifier: MIT */
#include "protocol/http_request_head.h"

#include "scan_rows.h"

#define LABEL_50 "a123456789b123456789c123456789d123456789e12345678."
#define METHOD_32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123-_"
#define NAME_250 LABEL_50 LABEL_50 LABEL_50 LABEL_50 LABEL_50

static struct http_request_head head;

static void
init(void)
{
	memset(&head, 0xa5, sizeof head);
	http_request_head_init(&head);
}

static enum scan
scan(struct span fresh, struct host_name *name)
{
	return http_request_head_scan(&head, fresh, name);
}

static const struct scanner scanner = { init, scan };

#define ROW(title, taken, behind, verdict, name)                \
	{                                                       \
		title, TEXT(taken), TEXT(behind), verdict, name \
	}

/* A row's title is its first bytes as they are spelled here. */
#define FOUND(taken, behind, name) ROW(#taken, taken, behind, SCAN_FOUND, name)
#define NONE(taken, behind) ROW(#taken, taken, behind, SCAN_NONE, NULL)
#define MORE(taken) ROW(#taken, taken, "", SCAN_MORE, NULL)

static void
check_rows(const struct scan_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_scan_row(&scanner, &rows[i]);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void
host_is_found_at_the_end_of_the_head(void)
{
	static const struct scan_row rows[] = {
		FOUND("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n", "body",
		    "example.com"),
		FOUND("GET / HTTP/1.1\nHost: example.com\n\n", "\n",
		    "example.com"),
		FOUND("GET / HTTP/1.1\r\nHost: example.com\n\r\n", "",
		    "example.com"),
		FOUND("GET / HTTP/1.1\nhOsT:example.com\r\n\n", "GET",
		    "example.com"),
		FOUND("GET / HTTP/1.1\r\nHOST:\t example.com \t\r\n\r\n", "",
		    "example.com"),
		FOUND("GET / HTTP/1.1\r\nhost: Example.COM.\r\n\r\n", "",
		    "Example.COM"),
		FOUND("GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n", "",
		    "example.com"),
		FOUND("GET / HTTP/1.1\r\nHost: example.com:80 \r\n\r\n", "",
		    "example.com"),
		FOUND("GET / HTTP/1.1\r\nHost: example.com:\r\n\r\n", "",
		    "example.com"),
		FOUND("POST /a?b=c&d=\xe4 HTTP/1.1\r\nContent-Length: 5\r\n"
		      "Host: www.example.com\r\nAccept: */*\r\n\r\n",
		    "Host: other.example\r\n\r\n", "www.example.com"),
		FOUND("OPTIONS * HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("CONNECTS / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("CONNEC / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("XCONNECT / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND(METHOD_32 " / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("M-SEARCH!#$%&'*+.^_`|~09 / HTTP/1.1\r\n"
		      "Host: example.com\r\n\r\n",
		    "", "example.com"),
		FOUND("get / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("Version-Control / HTTP/1.1\r\n"
		      "Host: example.com\r\n\r\n",
		    "", "example.com"),
		FOUND("connect / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET / HTTP/1.9\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("\r\n\n\r\nGET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
		    "", "example.com"),
		FOUND("GET / HTTP/1.1\r\nHostile: x\r\nHos: y\r\nX-Host: z\r\n"
		      "Hoss: a\r\nh: b\r\nEmpty:\r\nHost: example.com\r\n\r\n",
		    "", "example.com"),
		FOUND("GET / HTTP/1.1\r\nCookie: \x01\x7f\xff\t:\r\n"
		      "Host: example.com\r\n\r\n",
		    "", "example.com"),
	};

	CHECK_ROWS(rows);
}

static void
an_absolute_target_wins_at_the_end_of_its_line(void)
{
	static const struct scan_row rows[] = {
		FOUND("GET http://example.com/ HTTP/1.1\r\n",
		    "Host: other.example\r\n\r\n", "example.com"),
		FOUND("GET http://example.com HTTP/1.0\n", "\n", "example.com"),
		FOUND("GET HTTPS://Example.com:8443/a HTTP/1.1\r\n", "Host",
		    "Example.com"),
		FOUND("GET ws+x-1.2://example.com:?q HTTP/1.1\r\n", "",
		    "example.com"),
		FOUND("GET http://example.com.#f HTTP/1.1\r\n", "",
		    "example.com"),
		FOUND("GET http://example.com:80 HTTP/1.1\r\n", "",
		    "example.com"),
		FOUND("GET http://example.com/@: HTTP/1.1\r\n", "",
		    "example.com"),
	};

	CHECK_ROWS(rows);
}

static void
an_absolute_target_without_a_name_ends_the_search(void)
{
	static const struct scan_row rows[] = {
		NONE("GET http://10.0.0.1/",
		    " HTTP/1.1\r\n"
		    "Host: example.com\r\n\r\n"),
		NONE("GET http:///", " HTTP/1.1\r\n"),
		NONE("GET http:// ", "HTTP/1.1\r\n"),
		NONE("GET http://:80/", " HTTP/1.1\r\n"),
		NONE("GET http://[", "::1]/ HTTP/1.1\r\n"),
		NONE("GET http://user@", "example.com/ HTTP/1.1\r\n"),
		NONE("GET http://user:p", "w@example.com/ HTTP/1.1\r\n"),
		NONE("GET http://user:1@", "example.com/ HTTP/1.1\r\n"),
		NONE("GET http://www.localhost/", " HTTP/1.1\r\n"),
		NONE("GET http://ex%", "61mple.com/ HTTP/1.1\r\n"),
		NONE("GET http://" NAME_250 "aaaa/", " HTTP/1.1\r\n"),
		NONE("GET http://" NAME_250 "aaaaa", "/ HTTP/1.1\r\n"),
	};

	CHECK_ROWS(rows);
}

/* A target that only looks like a URI leaves the word to Host. */
static void
other_targets_leave_it_to_host(void)
{
	static const struct scan_row rows[] = {
		FOUND("GET urn:x HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET a:/b HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET a/b HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET a HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET a: HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET a:/ HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
		FOUND("GET /http://a.b/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
		    "", "example.com"),
		FOUND("GET //a.b/ HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "example.com"),
	};

	CHECK_ROWS(rows);
}

static void
a_host_that_is_no_name_ends_the_search(void)
{
	static const struct scan_row rows[] = {
		NONE("GET / HTTP/1.1\r\nHost:\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: \t\n", "\n"),
		NONE("GET / HTTP/1.1\r\nHost: :80\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: 127.1:80\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: 2130706433\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: 0x7f000001\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: [", "::1]\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: 2001:d", "b8::1\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: localhost\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a.LOCALHOST:80\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: .example.com\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a,", "b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a b", "\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a :", "80\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a:80 8", "0\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a:8a", "\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a:80:", "80\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: u@", "example.com\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: http:/", "/a.b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: b\xc3", "\xbc.example\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a\0", ".b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a\rb", ".c\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: " NAME_250 "aaaaa", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: " NAME_250 "....a", "\r\n"),
	};

	CHECK_ROWS(rows);
}

static void
a_second_host_takes_the_name_away(void)
{
	static const struct scan_row rows[] = {
		NONE("GET / HTTP/1.1\r\nHost: a.b\r\nHost:", " a.b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a.b\r\nX: y\r\nhOST:",
		    " c.d\r\n\r\n"),
		NONE("GET / HTTP/1.1\nHost: a.b:80\nhost:", "\n\n"),
	};

	CHECK_ROWS(rows);
}

static void
a_head_without_host_has_no_name(void)
{
	static const struct scan_row rows[] = {
		NONE("GET / HTTP/1.0\r\n\r\n", "Host: example.com\r\n"),
		NONE("GET / HTTP/1.1\n\n", ""),
		NONE("GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", ""),
		NONE("GET / HTTP/1.1\r\nX: Host: example.com\r\n\r\n", ""),
	};

	CHECK_ROWS(rows);
}

/* Obs-fold, a name with white space, a line without a colon. */
static void
a_broken_head_ends_the_search(void)
{
	static const struct scan_row rows[] = {
		NONE("GET / HTTP/1.1\r\nHost: a.b\r\n ", "c\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a.b\r\nX: y\r\n\t", "z\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\n ", "Host: a.b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost ", ": a.b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost\r", "\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost\n", "\n"),
		NONE("GET / HTTP/1.1\r\nHost\0", ": a.b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\n:", " a.b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nX(", ": y\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nX: a\0", "b\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nX: a\rb", "\r\n\r\n"),
		NONE("GET / HTTP/1.1\r\nX: a\r\r", "\n\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: a.b\r\n\r\r", "\n"),
		NONE("GET / HTTP/1.1\r\nHost: a.b\r\n\rX", ""),
	};

	CHECK_ROWS(rows);
}

static void
what_is_not_http_is_known_at_once(void)
{
	static const struct scan_row rows[] = {
		NONE("PRI * HTTP/2", ".0\r\n\r\nSM\r\n\r\n"),
		NONE("SSH-2.0-PUTTY\r", "\n"),
		NONE("CONNECT ",
		    "one.example:443 HTTP/1.1\r\n"
		    "Host: two.example:443\r\n\r\n"),
		NONE("\r\nCONNECT ", "one.example:443 HTTP/1.1\r\n"),
		NONE("CONNECT\n", "host:stomp.example\n\n"),
		NONE("SSH-2.0-OpenSSH_9.2p1 Debian-2\r", "\n"),
		NONE("SSH-2.0-OpenSSH_9.2p1\r", "\n"),
		NONE("version\r", "\n"),
		NONE("get name\r", "\n"),
		NONE("set name 0", " 0 1\r\na\r\n"),
		NONE("0032git-upload-pack /a.git\0", "host=a.b\0"),
		NONE("connect /a b", " HTTP/1.1\r\n"),
		NONE(METHOD_32 "X", " / HTTP/1.1\r\n"),
		NONE("*1\r", "\n$4\r\nPING\r\n"),
		NONE("GNUTELLA CONNECT/0.6\r", "\nHost: a.b\r\n\r\n"),
		NONE("OPTIONS rtsp://a.b/ R", "TSP/1.0\r\nHost: a.b\r\n\r\n"),
		NONE("EHLO client.example\r", "\n"),
		NONE("EHLO client.example\n", ""),
		NONE("QUIT\r", "\n"),
		NONE("\x16", "\x03\x01\x02"),
		NONE("\x80", "\x2e\x01\x03\x01"),
		NONE("\0", "\0\0"),
		NONE("\xff", "SMB"),
		NONE(" ", "GET / HTTP/1.1\r\n"),
		NONE("\rG", "ET / HTTP/1.1\r\n"),
		NONE("\r\r", "\nGET / HTTP/1.1\r\n"),
		NONE("GE\x7f", ""),
		NONE("GET(", ""),
		NONE("GET\t", "/ HTTP/1.1\r\n"),
		NONE("GET  ", "/ HTTP/1.1\r\n"),
		NONE("GET /\r", "\n"),
		NONE("GET /\n", ""),
		NONE("GET /\t", "HTTP/1.1\r\n"),
		NONE("GET /\x7f", " HTTP/1.1\r\n"),
		NONE("GET /\0", " HTTP/1.1\r\n"),
		NONE("GET a\0", " HTTP/1.1\r\n"),
		NONE("GET / \r", "\n"),
		NONE("GET /  ", "HTTP/1.1\r\n"),
		NONE("GET /a b", " HTTP/1.1\r\n"),
		NONE("GET / h", "ttp/1.1\r\n"),
		NONE("GET / HTTP/0", ".9\r\n"),
		NONE("GET / HTTP/1 ", "\r\n"),
		NONE("GET / HTTP/1.\r", "\n"),
		NONE("GET / HTTP/1.x", "\r\n"),
		NONE("GET / HTTP/1.10", "\r\n"),
		NONE("GET / HTTP/1.1 ", "\r\n"),
		NONE("GET / HTTP/1.1\rH", "ost: a.b\r\n"),
		NONE("GET http://a.b/ HTTP/2", ".0\r\n"),
		NONE("GET http://a.b/ HTTP/1.1 ", "\r\n"),
	};

	CHECK_ROWS(rows);
}

static void
a_head_that_may_go_on_asks_for_more(void)
{
	static const struct scan_row rows[] = {
		MORE("\r\n\r\n"),
		MORE("GET"),
		MORE("GET /"),
		MORE("GET http://example.com/"),
		MORE("GET http://example.com/ HTTP/1.1\r"),
		MORE("GET / HTTP/1.1\r\nHost: example.com\r\n\r"),
		MORE("GET / HTTP/1.1\r\nHost: " NAME_250 "aaa."),
		MORE(METHOD_32),
		MORE("CONNECT"),
	};

	CHECK_ROWS(rows);
}

static void
the_longest_name_fits(void)
{
	static const struct scan_row rows[] = {
		FOUND("GET / HTTP/1.1\r\nHost: " NAME_250 "aaa\r\n\r\n", "",
		    NAME_250 "aaa"),
		FOUND("GET / HTTP/1.1\r\nHost: " NAME_250 "aaa.:80\r\n\r\n", "",
		    NAME_250 "aaa"),
		FOUND("GET http://" NAME_250 "aaa./ HTTP/1.1\r\n", "",
		    NAME_250 "aaa"),
		NONE("GET / HTTP/1.1\r\nHost: " NAME_250 "aaaa\r\n", "\r\n"),
		NONE("GET / HTTP/1.1\r\nHost: " NAME_250 "aaa.a", "\r\n"),
	};

	CHECK_ROWS(rows);
}

/* Whoever sends nothing else is not waited for. */
static void
empty_lines_and_words_with_small_letters_are_doubtful(void)
{
	static const struct row {
		const char *title;
		struct span bytes;
		bool doubtful;
	} rows[] = {
		{ "nothing", TEXT(""), true },
		{ "CR", TEXT("\r"), true },
		{ "CR LF", TEXT("\r\n"), true },
		{ "two of them", TEXT("\r\n\n"), true },
		{ "a letter", TEXT("G"), false },
		{ "a letter behind CR LF", TEXT("\r\nG"), false },
		{ "capital letters", TEXT("GIOP"), false },
		{ "other characters of a token", TEXT("M-SEARCH_1"), false },
		{ "a small letter", TEXT("g"), true },
		{ "JDWP", TEXT("JDWP-Handshake"), true },
		{ "zookeeper", TEXT("ruok"), true },
		{ "SSH", TEXT("SSH-2.0-OpenSSH_9.2p1"), true },
		{ "a method with small letters", TEXT("get "), false },
		{ "a request with small letters", TEXT("get /a"), false },
		{ "the next small letters", TEXT("GET /a"), false },
	};
	struct host_name name;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		init();
		CHECK_ROW(
		    scan(rows[i].bytes, &name) == SCAN_MORE, rows[i].title);
		CHECK_ROW(
		    http_request_head_is_doubtful(&head) == rows[i].doubtful,
		    rows[i].title);
	}
}

int
main(void)
{
	RUN(empty_lines_and_words_with_small_letters_are_doubtful);
	RUN(host_is_found_at_the_end_of_the_head);
	RUN(an_absolute_target_wins_at_the_end_of_its_line);
	RUN(an_absolute_target_without_a_name_ends_the_search);
	RUN(other_targets_leave_it_to_host);
	RUN(a_host_that_is_no_name_ends_the_search);
	RUN(a_second_host_takes_the_name_away);
	RUN(a_head_without_host_has_no_name);
	RUN(a_broken_head_ends_the_search);
	RUN(what_is_not_http_is_known_at_once);
	RUN(a_head_that_may_go_on_asks_for_more);
	RUN(the_longest_name_fits);
	return check_report();
}
