/* SPDX-License-Identifier: MIT */
#include "master/children.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/signals.h"
#include "ipc/master_pipe.h"
#include "master/client_tables.h"
#include "master/log_sink.h"
#include "master/memory_limit.h"
#include "master/root_directory.h"

/* The child's ends of its pipes. */
struct far_ends {
	int control_fd;
	int messages_fd;
	int stderr_fd;
};

static struct child *
child_new(const struct spawn *spawn, int64_t now_ms)
{
	struct child *child = calloc(1, sizeof *child);

	if (child == NULL)
		return NULL;
	child->kind = spawn->kind;
	child->number = spawn->role.number;
	child->generation = spawn->generation;
	child->upstream_generation = spawn->upstream_generation;
	child->started_ms = now_ms;
	log_quota_init(&child->log_quota, now_ms);
	watchdog_begin(&child->heartbeat, spawn->awake_ms);
	child->heard_ms = spawn->awake_ms;
	child->limit = spawn->role.limit;
	child->limit_max = spawn->role.limit.connections;
	for (unsigned i = 0; i < UPSTREAMS_MAX; i++) {
		if (spawn->role.upstreams[i].count > 0)
			child->told_upstreams |= 1U << i;
	}
	child->control_fd = child->messages_fd = child->stderr_fd = -1;
	return child;
}

static void
pipes_close(struct child *child)
{
	descriptor_close(&child->control_fd);
	descriptor_close(&child->messages_fd);
	descriptor_close(&child->stderr_fd);
}

static void
child_free(struct child *child)
{
	int saved_errno = errno;

	pipes_close(child);
	log_counts_unmap(&child->log_counts);
	counters_unmap(&child->counters);
	free(child->books);
	free(child);
	errno = saved_errno;
}

static void
far_ends_close(struct far_ends *far)
{
	descriptor_close(&far->control_fd);
	descriptor_close(&far->messages_fd);
	descriptor_close(&far->stderr_fd);
}

static int
pipes_open(struct child *child, struct far_ends *far)
{
	if (descriptor_pipe(&far->control_fd, &child->control_fd) == -1 ||
	    descriptor_pipe(&child->messages_fd, &far->messages_fd) == -1 ||
	    descriptor_pipe(&child->stderr_fd, &far->stderr_fd) == -1)
		return -1;
	child->log_counts = log_counts_map();
	if (child->log_counts == NULL)
		return -1;
	if (!child_kinds[child->kind].has_clients)
		return 0;
	child->counters = counters_map();
	return child->counters == NULL ? -1 : 0;
}

/* Close-on-exec does nothing over a bare fork: all that belongs to the master
 * and to the other children goes here, but for this child's pages. */
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
	pipes_close(self);
	descriptor_close(&children->oom_score.fd);
}

/* A reader of our standard output need not wait for the last tunnel. */
static void
close_terminal(void)
{
	int null_fd = descriptor_null();

	if (null_fd == -1)
		return;
	dup2(null_fd, STDIN_FILENO);
	dup2(null_fd, STDOUT_FILENO);
	close(null_fd);
}

static void
change_root(const struct child_kind_row *kind, const char *path)
{
	if (root_directory_change(kind->changes_root ? path : "") == 0)
		return;
	log_error("cannot change the root directory to %s cause=\"%s\"", path,
	    strerror(errno));
	_exit(EXIT_FAILURE);
}

/* All that the child does not need goes, also what the caller of this program
 * left open, perhaps as root. */
static void
close_others(
    const struct spawn *spawn, struct far_ends *far, const struct role *role)
{
	int pid_file_fd = spawn->pid_file_fd, unused_fd = spawn->listener_fd;
	const int needed[] = { role->control_fd, role->master_fd,
		role->listener_fd, role->log_fd, role->status_fd };

	descriptor_close(&pid_file_fd);
	log_sink_close();
	close_terminal();
	dup2(far->stderr_fd, STDERR_FILENO);
	descriptor_close(&far->stderr_fd);
	if (role->listener_fd == -1)
		descriptor_close(&unused_fd);
	descriptor_close_others(needed, sizeof needed / sizeof needed[0]);
}

/* Behind the sandbox, and where it changes its root directory, the worker
 * cannot open it. Without IPv6 in the kernel there is none. */
static int
open_ipv6_addresses(const struct child_kind_row *kind, const struct role *role)
{
	int fd;

	if (!kind->has_clients ||
	    role->config->local_address.any.sa_family != AF_INET6)
		return -1;
	fd = open("/proc/self/net/if_inet6", O_RDONLY | O_CLOEXEC);
	if (fd == -1 && errno != ENOENT && role->is_first)
		log_warning("this host's own IPv6 addresses are not known "
			    "cause=\"%s\"",
		    strerror(errno));
	return fd;
}

static void
take_tunnel_lists(
    struct role *role, const struct child *self, struct shared_area *lists)
{
	role->tunnel_list = tunnel_lists_take(lists,
	    child_kinds[self->kind].has_clients ? self->client_table
						: TUNNEL_LISTS);
	if (self->kind != CHILD_STATUS)
		shared_area_unmap(lists);
	role->tunnel_lists = *lists;
}

static _Noreturn void
child_run(struct children *children, const struct spawn *spawn,
    struct child *self, struct far_ends *far)
{
	const struct child_kind_row *kind = &child_kinds[spawn->kind];
	struct role role = spawn->role;

	role.control_fd = far->control_fd;
	role.master_fd = far->messages_fd;
	role.listener_fd = kind->has_clients ? spawn->listener_fd : -1;
	role.log_fd =
	    spawn->kind == CHILD_LOG_WRITER ? log_sink_take_file() : -1;
	role.status_fd = spawn->kind == CHILD_STATUS ? spawn->status_fd : -1;
	role.log_counts = self->log_counts;
	role.counters = self->counters;
	role.client_counts = children->client_counts;
	role.client_table_index = self->client_table;
	if (kind->has_clients)
		role.client_table =
		    client_counts_take(&role.client_counts, self->client_table);
	else
		client_counts_unmap(&role.client_counts);
	if (spawn->kind != CHILD_STATUS)
		snapshot_unmap(&children->snapshot_page);
	role.snapshot_page = children->snapshot_page;
	take_tunnel_lists(&role, self, &children->tunnel_lists);
	signals_open_child();
	close_inherited(children, self);
	close_others(spawn, far, &role);
	master_pipe_open(
	    far->messages_fd, role.config->log_level, role.log_counts);
	role.ipv6_addresses_fd = open_ipv6_addresses(kind, &role);
	change_root(kind, role.config->chroot_path);
	memory_limit_set(0, spawn->kind, role.limit.connections);
	if (!kind->needs_credentials)
		credentials_wipe(spawn->credentials);
	children->mains[spawn->kind](&role);
	_exit(EXIT_FAILURE);
}

static pid_t
fork_scored(const struct children *children, enum child_kind kind)
{
	pid_t pid;

	oom_score_raise(&children->oom_score, child_kinds[kind].oom_score);
	pid = fork();
	if (pid != 0)
		oom_score_restore(&children->oom_score);
	return pid;
}

struct child *
children_spawn(
    struct children *children, const struct spawn *spawn, int64_t now_ms)
{
	struct far_ends far = { -1, -1, -1 };
	struct child *child = child_new(spawn, now_ms);

	if (child == NULL)
		return NULL;
	child->client_table = client_tables_choose(children->first);
	if (pipes_open(child, &far) == -1 ||
	    (child->pid = fork_scored(children, spawn->kind)) == -1) {
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

	client_tables_clear(&children->client_counts, child);
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

void
children_close_control(struct child *child)
{
	descriptor_close(&child->control_fd);
}

void
children_close_messages(struct child *child)
{
	descriptor_close(&child->messages_fd);
}

void
children_close_stderr(struct child *child)
{
	descriptor_close(&child->stderr_fd);
}

struct child *
children_serving(
    const struct children *children, enum child_kind kind, unsigned number)
{
	struct child *child = children->first;

	while (child != NULL &&
	    (child->kind != kind || child->number != number ||
		child->state == CHILD_DRAINING))
		child = child->next;
	return child;
}
