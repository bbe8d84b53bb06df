#include "master/children.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/signals.h"
#include "ipc/log_pipe.h"
#include "master/log_sink.h"
#include "master/privileges.h"

/* The child's ends of its pipes. */
struct far_ends {
	int control_fd;
	int log_fd;
	int stderr_fd;
	int answer_fd;
};

static struct child *
child_new(const struct spawn *spawn, int64_t now_ms)
{
	struct child *child = calloc(1, sizeof *child);

	if (child == NULL)
		return NULL;
	child->state = CHILD_STARTING;
	child->number = spawn->number;
	child->generation = spawn->generation;
	child->upstream_generation = spawn->upstream_generation;
	child->started_ms = now_ms;
	child->heartbeat.alive_ms = now_ms;
	child->heartbeat.slept = true;
	child->limit = child->limit_max = spawn->limit;
	child->knows_addresses = spawn->addresses.count > 0;
	child->control_fd = child->log_fd = -1;
	child->stderr_fd = child->answer_fd = -1;
	return child;
}

static void
child_free(struct child *child)
{
	int saved_errno = errno;

	descriptor_close(&child->control_fd);
	descriptor_close(&child->log_fd);
	descriptor_close(&child->stderr_fd);
	descriptor_close(&child->answer_fd);
	counters_unmap(&child->counters);
	free(child);
	errno = saved_errno;
}

static void
far_ends_close(struct far_ends *far)
{
	descriptor_close(&far->control_fd);
	descriptor_close(&far->log_fd);
	descriptor_close(&far->stderr_fd);
	descriptor_close(&far->answer_fd);
}

static int
pipes_open(struct child *child, struct far_ends *far)
{
	if (descriptor_pipe(&far->control_fd, &child->control_fd) == -1 ||
	    descriptor_pipe(&child->log_fd, &far->log_fd) == -1 ||
	    descriptor_pipe(&child->stderr_fd, &far->stderr_fd) == -1)
		return -1;
	if (child->number == CHILD_RESOLVER)
		return descriptor_pipe(&child->answer_fd, &far->answer_fd);
	child->counters = counters_map();
	return child->counters == NULL ? -1 : 0;
}

/* Close-on-exec does nothing over a bare fork: all that belongs to the master
 * and to the other children goes here, but for this child's page. */
static void
close_inherited(struct children *children, struct child *self)
{
	struct child *next;

	for (struct child *child = children->first; child != NULL;
	     child = next) {
		next = child->next;
		child_free(child);
	}
	children->first = NULL;
	descriptor_close(&self->control_fd);
	descriptor_close(&self->log_fd);
	descriptor_close(&self->stderr_fd);
	descriptor_close(&self->answer_fd);
}

/* Whoever reads our standard output need not wait for the last tunnel. */
static void
close_terminal(void)
{
	int null_fd = open("/dev/null", O_RDWR);

	if (null_fd == -1)
		return;
	dup2(null_fd, STDIN_FILENO);
	dup2(null_fd, STDOUT_FILENO);
	close(null_fd);
}

static _Noreturn void
child_run(struct children *children, const struct spawn *spawn,
    struct child *self, struct far_ends *far)
{
	struct role role = {
		.config = spawn->config,
		.number = spawn->number,
		.is_first = spawn->is_first,
		.control_fd = far->control_fd,
		.log_fd = far->log_fd,
		.answer_fd = far->answer_fd,
		.listener_fd = spawn->listener_fd,
		.counters = self->counters,
		.addresses = spawn->addresses,
		.limit = spawn->limit,
		.pipes = spawn->pipes,
	};
	bool resolves = spawn->number == CHILD_RESOLVER;
	int listener_fd = spawn->listener_fd, pid_file_fd = spawn->pid_file_fd;
	const int inherited[] = { far->control_fd, far->log_fd, far->answer_fd,
		resolves ? -1 : listener_fd };

	signals_open_child();
	close_inherited(children, self);
	descriptor_close(&pid_file_fd);
	log_sink_close();
	log_pipe_open(far->log_fd, spawn->config->log_level);
	close_terminal();
	dup2(far->stderr_fd, STDERR_FILENO);
	descriptor_close(&far->stderr_fd);
	if (resolves)
		descriptor_close(&listener_fd);
	/* What our caller left open to us, perhaps as root. */
	descriptor_close_others(
	    inherited, sizeof inherited / sizeof inherited[0]);
	if (resolves)
		privileges_drop_chroot();
	if (!resolves && spawn->config->chroot_path[0] != '\0' &&
	    privileges_chroot(spawn->config->chroot_path) == -1) {
		log_error("cannot change the root directory to %s cause=\"%s\"",
		    spawn->config->chroot_path, strerror(errno));
		_exit(EXIT_FAILURE);
	}
	(resolves ? children->resolver_main : children->worker_main)(&role);
	_exit(EXIT_FAILURE);
}

struct child *
children_spawn(
    struct children *children, const struct spawn *spawn, int64_t now_ms)
{
	struct far_ends far = { -1, -1, -1, -1 };
	struct child *child = child_new(spawn, now_ms);

	if (child == NULL)
		return NULL;
	if (pipes_open(child, &far) == -1 || (child->pid = fork()) == -1) {
		far_ends_close(&far);
		child_free(child);
		return NULL;
	}
	if (child->pid == 0)
		child_run(children, spawn, child, &far);
	far_ends_close(&far);
	child->next = children->first;
	children->first = child;
	return child;
}

void
children_remove(struct children *children, struct child *child)
{
	struct child **link = &children->first;

	while (*link != child)
		link = &(*link)->next;
	*link = child->next;
	child_free(child);
}

struct child *
children_with_pid(const struct children *children, pid_t pid)
{
	struct child *child = children->first;

	while (child != NULL && child->pid != pid)
		child = child->next;
	return child;
}

struct child *
children_serving(const struct children *children, unsigned number)
{
	struct child *child = children->first;

	while (child != NULL &&
	    (child->number != number || child->state == CHILD_DRAINING))
		child = child->next;
	return child;
}
