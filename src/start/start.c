/* SPDX-License-Identifier: MIT */
#include "start/start.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/process_name.h"
#include "base/signals.h"
#include "master/log_sink.h"
#include "start/background.h"
#include "start/descriptor_limit.h"
#include "start/identity.h"
#include "start/listen.h"
#include "start/local_port.h"
#include "start/pid_file.h"
#include "start/privileges.h"

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
open_listener(
    struct start *start, const struct config *config, struct text *error)
{
	struct address address = config->local_address;
	char text[ADDRESS_TEXT_SIZE];

	address_set_port(&address, config->local_port);
	start->listener_fd = listen_open(&address, &start->lacks_ipv6);
	if (start->listener_fd != -1)
		return true;
	text_format(error, "cannot listen on %s: %s",
	    address_text(&address, text), strerror(errno));
	return false;
}

static bool
open_pid_file(
    struct start *start, const struct config *config, struct text *error)
{
	const char *path = config->pid_file;

	if (path[0] == '\0')
		return true;
	start->pid_file_fd = pid_file_open(path);
	if (start->pid_file_fd != -1)
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

/* For -check, too. */
static void
warn_if_public(const struct status_address *address)
{
	char words[ADDRESS_TEXT_SIZE];
	struct text text = text_in(words, sizeof words);

	if (!status_address_is_public(address))
		return;
	status_address_append(&text, address);
	log_warning("-status-address %s is open to other hosts: who reaches it "
		    "sees who talks to whom",
	    words);
}

static void
warn_if_unreadable(const char *option, const char *path)
{
	if (path[0] != '\0' && access(path, R_OK) == -1)
		log_warning("-%s %s: not readable by -user, a reload will "
			    "fail cause=\"%s\"",
		    option, path, strerror(errno));
}

/* After root is gone, as at a reload. */
static void
warn_unreadable(const struct config *config)
{
	const struct credentials *credentials = &config->upstream_credentials;

	warn_if_unreadable("config", config->config_file);
	for (unsigned i = 0; i < credentials->count; i++)
		warn_if_unreadable(
		    "upstream-credentials", credentials->list[i].path);
}

static bool
open_log(const struct config *config, const struct identity *identity,
    struct text *error)
{
	if (!identity->change)
		return log_sink_open(config, (uid_t)-1, (gid_t)-1, error);
	return log_sink_open(config, identity->uid, identity->gid, error);
}

static bool
go_to_background(const struct config *config, int *ready_fd, struct text *error)
{
	if (!config->background)
		return true;
	*ready_fd = background_begin();
	if (*ready_fd != -1)
		return true;
	text_format(error, "-daemon: %s", strerror(errno));
	return false;
}

/* A start that fails says one line, so that warnings come last. */
static void
warn(const struct start *start, const struct config *config,
    const struct identity *identity)
{
	if (start->lacks_ipv6)
		log_notice("-local-address ::: this kernel has no IPv6, only "
			   "IPv4 clients are served");
	if (start->status_socket.lacks_ipv6)
		log_notice("-status-address [::]: this kernel has no IPv6, "
			   "only IPv4 is served");
	if (identity->warning[0] != '\0')
		log_warning("%s", identity->warning);
	warn_unreadable(config);
	warn_if_public(&config->status_address);
	if (local_port_is_shared(config))
		log_notice(LOCAL_PORT_SHARED, config->local_port);
}

/* All that may need root, in this order. INT and TERM end the start until the
 * name service has told of the user. */
bool
start_run(struct start *start, const struct config *config, struct text *error)
{
	struct identity identity;
	int ready_fd = -1;

	*start = (struct start){
		.listener_fd = -1,
		.pid_file_fd = -1,
		.status_socket = { .fd = -1 },
		.oom_score = { .fd = -1 },
	};
	if (!go_to_background(config, &ready_fd, error))
		return false;
	process_name_set("handyproxy");
	if (!identity_find(config, &identity, error))
		return false;
	signals_open();
	if (!check_chroot(config, error) || !open_log(config, &identity, error))
		return false;
	descriptor_limit_raise(config);
	oom_score_open(&start->oom_score);
	if (!open_listener(start, config, error) ||
	    !open_pid_file(start, config, error) ||
	    !status_socket_open(&start->status_socket, &config->status_address,
		&identity, error) ||
	    !privileges_drop(
		&identity, config->chroot_path[0] != '\0', error) ||
	    !check_chroot(config, error))
		return false;
	warn(start, config, &identity);
	if (ready_fd != -1)
		background_ready(&ready_fd, config->log.to == LOG_TO_STDERR);
	return true;
}

void
start_end(struct start *start, const struct config *config)
{
	status_socket_remove(&start->status_socket, &config->status_address);
	pid_file_close(config->pid_file, &start->pid_file_fd);
}

bool
start_check(const struct config *config, struct text *error)
{
	struct identity identity;

	if (!identity_find(config, &identity, error) ||
	    !check_chroot(config, error) ||
	    !status_socket_check(&config->status_address, error) ||
	    !privileges_drop(&identity, false, error) ||
	    !check_chroot(config, error))
		return false;
	warn_unreadable(config);
	warn_if_public(&config->status_address);
	if (local_port_is_shared(config))
		log_warning(LOCAL_PORT_SHARED, config->local_port);
	return true;
}
