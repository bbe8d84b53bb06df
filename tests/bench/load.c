/* SPDX-License-Identifier: MIT */
/* load.c - the near end of a benchmark: opens tunnels and asks questions.
 *
 *	load -a ADDRESS -p PORT -g GIVE -t TAKE [-c CONCURRENCY] [-f FILE]
 *	    [-r HOST] [-s SECONDS]
 *
 * It gives up after SECONDS, 10 unless given, in which nothing happens.
 * GIVE and TAKE are bytes of a question and of its answer. With -f each
 * question is the file's contents (a ClientHello; -g is its length). Commands
 * come on stdin, one a line; each is answered by "ok SECONDS":
 *
 *	open N               N more tunnels, one exchange on each
 *	connect N            N tunnels, one exchange on each, and their end
 *	request N            N plain HTTP requests to HOST, one a connection,
 *	                     whose responses end with the far end's FIN
 *	exchange TUNNELS N   N exchanges over the first TUNNELS open tunnels
 *	close                ends all tunnels and waits for the far end's FIN
 *
 * Whatever is not as it should be ends it with a line on stderr, status 1. */

#include "tunnels.h"
#include "wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct tunnels_options options;

static void
command_run(const char *line)
{
	uint64_t busy, count;

	if (sscanf(line, "open %" SCNu64, &count) == 1) {
		tunnels_open(count);
	} else if (sscanf(line, "connect %" SCNu64, &count) == 1) {
		tunnels_connect(count);
	} else if (sscanf(line, "request %" SCNu64, &count) == 1) {
		tunnels_request(count);
	} else if (sscanf(line, "exchange %" SCNu64 " %" SCNu64, &busy,
		       &count) == 2) {
		tunnels_exchange(busy, count);
	} else if (strcmp(line, "close\n") == 0) {
		tunnels_close();
	} else {
		errx(2, "unknown command: %s", line);
	}
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
head_read(const char *path)
{
	FILE *file;

	if ((file = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	options.head = fread(options.head_bytes, 1, WIRE_HEAD_MAX, file);
	if (ferror(file) || getc(file) != EOF)
		errx(1, "%s: cannot be read, or too long", path);
	fclose(file);
}

static bool
address_parse(const char *text)
{
	if (inet_pton(AF_INET, text, &options.address.v4.sin_addr) == 1)
		options.address.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &options.address.v6.sin6_addr) == 1)
		options.address.any.sa_family = AF_INET6;
	else
		return false;
	return true;
}

static void
options_parse(int argc, char *argv[])
{
	in_port_t port = 0;
	int option;

	options.concurrency = 50;
	options.stalled_ms = 10000;
	options.head = WIRE_ECHO_BYTES;
	while ((option = getopt(argc, argv, "a:p:g:t:c:f:r:s:")) != -1) {
		if (option == 'p')
			port = htons((uint16_t)wire_number(optarg, 1));
		else if (option == 'g')
			options.give = wire_number(optarg, WIRE_ECHO_BYTES);
		else if (option == 't')
			options.take = wire_number(optarg, WIRE_ECHO_BYTES);
		else if (option == 'c')
			options.concurrency = wire_number(optarg, 1);
		else if (option == 'f')
			head_read(optarg);
		else if (option == 'r')
			options.host = optarg;
		else if (option == 's')
			options.stalled_ms = 1000 * (int)wire_number(optarg, 1);
		else if (option != 'a' || !address_parse(optarg))
			errx(2, "wrong option; see load.c");
	}
	if (options.address.any.sa_family == AF_UNSPEC || port == 0 ||
	    options.give == 0 || options.take == 0 ||
	    options.head < WIRE_ECHO_BYTES || options.head > options.give ||
	    optind != argc)
		errx(2, "missing or wrong option; see load.c");
	if (options.address.any.sa_family == AF_INET)
		options.address.v4.sin_port = port;
	else
		options.address.v6.sin6_port = port;
}

int
main(int argc, char *argv[])
{
	char line[128];
	double start;

	options_parse(argc, argv);
	tunnels_init(&options);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		start = seconds_now();
		command_run(line);
		printf("ok %.6f\n", seconds_now() - start);
		fflush(stdout);
	}
	return 0;
}
