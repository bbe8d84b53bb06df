#include "master/master.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process_name.h"
#include "base/signals.h"
#include "master/background.h"
#include "master/capacity_warning.h"
#include "master/listener.h"
#include "master/log_relay.h"
#include "master/log_sink.h"
#include "master/pid_file.h"
#include "master/privileges.h"

static int
fail(const struct text *error)
{
	log_to_terminal(error->bytes);
	return EXIT_FAILURE;
}

/* False, for the caller to return. */
static bool
fail_path(
    const char *option, const char *path, const char *cause, struct text *error)
{
	text_format(error, "%s ", option);
	text_short(error, path);
	text_format(error, ": %s", cause);
	return false;
}

static bool
open_listener(struct supervisor *supervisor, struct text *error)
{
	struct address address = supervisor->config.local_address;
	char text[ADDRESS_TEXT_SIZE];

	address.v4.sin_port = htons(supervisor->config.local_port);
	supervisor->listener_fd = listener_open(&address);
	if (supervisor->listener_fd != -1)
		return true;
	text_format(error, "cannot listen on %s: %s",
	    address_text(&address, text), strerror(errno));
	return false;
}

static bool
open_pid_file(struct supervisor *supervisor, struct text *error)
{
	const char *path = supervisor->config.pid_file;

	if (path[0] == '\0')
		return true;
	supervisor->pid_file_fd = pid_file_open(path);
	if (supervisor->pid_file_fd != -1)
		return true;
	return fail_path("-pid-file", path,
	    errno == EWOULDBLOCK ? "another instance is running"
				 : strerror(errno),
	    error);
}

static bool
check_chroot(const struct config *config, struct text *error)
{
	const char *path = config->chroot_path;
	struct stat status;

	if (path[0] == '\0')
		return true;
	if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
		errno = ENOTDIR;
	else if (access(path, X_OK) == 0)
		return true;
	return fail_path("-chroot", path, strerror(errno), error);
}

/* After root is gone, as at a reload. */
static void
warn_unreadable(const struct config *config)
{
	if (config->config_file[0] != '\0' &&
	    access(config->config_file, R_OK) == -1)
		log_warning("-config %s: not readable by -user, a reload will "
			    "fail cause=\"%s\"",
		    config->config_file, strerror(errno));
}

/* All that may need root, in this order; nothing after it does. A start that
 * fails says one line, so that warnings come last. INT and TERM end the start
 * until the name service has told of the user. */
static bool
start(struct supervisor *supervisor, struct text *error)
{
	const struct config *config = &supervisor->config;
	struct identity identity;

	if (!identity_find(config, &identity, error))
		return false;
	signals_open();
	if (!check_chroot(config, error) ||
	    !log_sink_open(config, &identity, error))
		return false;
	limits_raise(config);
	if (!open_listener(supervisor, error) ||
	    !open_pid_file(supervisor, error) ||
	    !privileges_drop(
		&identity, config->chroot_path[0] != '\0', error) ||
	    !check_chroot(config, error))
		return false;
	if (identity.warning[0] != '\0')
		log_warning("%s", identity.warning);
	warn_unreadable(config);
	return true;
}

static void
say_started(const struct config *config)
{
	struct address address = config->local_address;
	char text[ADDRESS_TEXT_SIZE], words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	address.v4.sin_port = htons(config->local_port);
	text_format(&line, "handyproxy " VERSION " listening on %s, upstream ",
	    address_text(&address, text));
	text_host(&line, config->upstreams.list[0].host,
	    config->upstreams.list[0].port);
	log_notice("%s, %u workers", words, config->workers);
}

/* One slot for each pipe from each child; the array grows with them. */
struct slots {
	struct pollfd *array;
	size_t count, capacity;
};

enum { SLOTS_EACH = 2, SLOTS_MORE = 8 * SLOTS_EACH };

enum { DEAF_MS = 100 };

static bool
slots_reserve(struct slots *slots, size_t count)
{
	struct pollfd *array;

	if (count <= slots->capacity)
		return true;
	array = reallocarray(slots->array, count + SLOTS_MORE, sizeof *array);
	if (array == NULL)
		return false;
	slots->array = array;
	slots->capacity = count + SLOTS_MORE;
	return true;
}

static void
slots_add(struct slots *slots, int fd)
{
	slots->array[slots->count++] = (struct pollfd){ fd, POLLIN, 0 };
}

/* Without memory for all, the first children are heard until there is some. */
static void
slots_fill(struct slots *slots, const struct children *children)
{
	const struct child *child;

	slots->count = 0;
	for (child = children->first; child != NULL; child = child->next) {
		if (!slots_reserve(slots, slots->count + SLOTS_EACH))
			return;
		slots_add(slots, child->messages_fd);
		slots_add(slots, child->stderr_fd);
	}
}

static void
read_children(struct supervisor *supervisor, const struct slots *slots)
{
	struct child *child = supervisor->children.first;

	for (size_t i = 0; i < slots->count && child != NULL;
	     i += SLOTS_EACH, child = child->next) {
		const struct pollfd *slot = &slots->array[i];

		if (slot[0].revents != 0)
			supervisor_read(supervisor, child);
		if (slot[1].revents != 0)
			log_relay_read_stderr(child);
	}
}

/* Where the system refuses to wait for the pipes (RLIMIT_NOFILE was taken down
 * behind our back, no memory), signals and the clock are what is left. */
static void
run_once(struct supervisor *supervisor, const struct invocation *invocation,
    struct slots *slots)
{
	int ready;

	slots_fill(slots, &supervisor->children);
	ready = signals_wait(
	    slots->array, slots->count, supervisor_timeout_ms(supervisor));
	supervisor->now_ms = clock_now_ms();
	if (ready > 0) {
		signals_let_in();
		read_children(supervisor, slots);
	} else if (ready == -1 && errno != EINTR) {
		signals_wait(NULL, 0, DEAF_MS);
	}
	if (signals_take(SIGNAL_CHILD) > 0)
		supervisor_reap(supervisor);
	if (signals_take(SIGNAL_RELOAD) > 0 && !supervisor->stopping)
		reload_run(supervisor, invocation);
	if (signals_take(SIGNAL_TOTALS) > 0)
		totals_log(&supervisor->children, &supervisor->dead_totals);
	for (int i = signals_take(SIGNAL_STOP); i > 0; i--)
		supervisor_stop(supervisor);
	capacity_warning_update(supervisor);
	if (supervisor->now_ms >= supervisor->tick_ms)
		supervisor_tick(supervisor);
	supervisor_reconcile(supervisor);
}

static void
supervise(struct supervisor *supervisor, const struct invocation *invocation)
{
	struct slots slots = { .array = NULL };

	supervisor->now_ms = clock_now_ms();
	supervisor->tick_ms = supervisor->now_ms + SUPERVISOR_TICK_MS;
	upstreams_configure(&supervisor->upstreams, &supervisor->children,
	    &supervisor->config.upstreams);
	supervisor_reconcile(supervisor);
	while (!supervisor->stopping || supervisor->children.first != NULL)
		run_once(supervisor, invocation, &slots);
	free(slots.array);
	totals_log(&supervisor->children, &supervisor->dead_totals);
	log_notice("stopped");
}

int
master_run(const struct config *config, const struct invocation *invocation,
    role_main *worker_main, role_main *resolver_main)
{
	static struct supervisor supervisor;
	char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);
	int ready_fd = -1;

	supervisor.config = *config;
	supervisor.listener_fd = supervisor.pid_file_fd = -1;
	supervisor.children.mains[CHILD_WORKER] = worker_main;
	supervisor.children.mains[CHILD_RESOLVER] = resolver_main;
	if (config->background && (ready_fd = background_begin()) == -1) {
		text_format(&error, "-daemon: %s", strerror(errno));
		return fail(&error);
	}
	process_name_set("handyproxy");
	if (!start(&supervisor, &error)) {
		pid_file_close(config->pid_file, &supervisor.pid_file_fd);
		return fail(&error);
	}
	if (ready_fd != -1)
		background_ready(&ready_fd, config->log.to == LOG_TO_STDERR);
	say_started(config);
	supervisor.capacity = limits_capacity(config);
	supervise(&supervisor, invocation);
	pid_file_close(config->pid_file, &supervisor.pid_file_fd);
	return EXIT_SUCCESS;
}

int
master_check(const struct config *config)
{
	struct identity identity;
	char words[LOG_WORDS_SIZE];
	struct text error = text_in(words, sizeof words);

	if (!identity_find(config, &identity, &error) ||
	    !check_chroot(config, &error) ||
	    !privileges_drop(&identity, false, &error) ||
	    !check_chroot(config, &error))
		return fail(&error);
	warn_unreadable(config);
	printf("configuration ok\n");
	return EXIT_SUCCESS;
}
