/* SPDX-License-Identifier: MIT */
/* main.c - the start: reads the options, answers those that are questions,
 * and runs the master. The only file that sees every role. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/core_dump.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/text.h"
#include "config/option_help.h"
#include "config/option_print.h"
#include "config/options.h"
#include "master/log_writer.h"
#include "master/master.h"
#include "resolver/resolver.h"
#include "start/own_upstream.h"
#include "start/start.h"
#include "status/server.h"
#include "top/top.h"
#include "worker/loop.h"

enum { EXIT_USAGE = 2 };

/* A pipe that took the number of a closed standard descriptor would be taken
 * for it later. */
static void
fill_standard_descriptors(void)
{
	int fd;

	do
		fd = descriptor_null();
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		close(fd);
}

/* Whoever asked may have a full disk, or have gone. */
static int
end_answer(void)
{
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
check(const struct config *config)
{
	char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);

	if (!own_upstream_check(config, &error)) {
		log_to_terminal(words);
		return EXIT_USAGE;
	}
	if (!start_check(config, &error)) {
		log_to_terminal(words);
		return EXIT_FAILURE;
	}
	printf("configuration ok\n");
	return EXIT_SUCCESS;
}

static int
run(struct config *config, const struct invocation *invocation)
{
	char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);
	struct start start;
	bool started = start_run(&start, config, &error);

	if (started)
		master_run(config, invocation,
		    &(struct master_start){
			.listener_fd = start.listener_fd,
			.pid_file_fd = start.pid_file_fd,
			.status_fd = start.status_socket.fd,
			.oom_score = start.oom_score,
			.mains = { [CHILD_WORKER] = worker_main,
			    [CHILD_RESOLVER] = resolver_main,
			    [CHILD_LOG_WRITER] = log_writer_main,
			    [CHILD_STATUS] = status_main },
		    });
	else
		log_to_terminal(words);
	start_end(&start, config);
	return started ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* While root is still there. */
static bool
read_credentials(struct config *config, struct text *error)
{
	if (config->upstream_credentials.count > 0)
		core_dump_forbid();
	return credentials_read(&config->upstream_credentials, error);
}

int
main(int argc, char *argv[])
{
	static struct config config;
	char directory[PATH_MAX] = "", words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);
	struct invocation invocation = { argc, argv, directory };

	fill_standard_descriptors();
	if (getcwd(directory, sizeof directory) == NULL)
		directory[0] = '\0';
	if (!options_load(&config, argc, argv, directory, &error)) {
		log_to_terminal(words);
		return EXIT_USAGE;
	}
	if (config.help) {
		option_help_print(stdout);
		return end_answer();
	}
	if (config.print[0] != '\0') {
		if (option_print(stdout, &config, argc, argv, &error))
			return end_answer();
		log_to_terminal(words);
		return EXIT_USAGE;
	}
	if (config.version) {
		printf("handyproxy " VERSION "\n");
		return end_answer();
	}
	if (config.top)
		return top_run(&config.status_address);
	if (!read_credentials(&config, &error)) {
		log_to_terminal(words);
		return EXIT_FAILURE;
	}
	return config.check ? check(&config) : run(&config, &invocation);
}
