/* SPDX-License-Identifier: MIT */
#include "start/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "config/number.h"

static const char default_user[] = USER_NAME;
static const char fallback_user[] = "nobody";

/* What the child says; short enough for a pipe to take it at once. */
struct finding {
	bool found;
	struct identity identity;
	char error[1024];
};

/* Outside a user namespace every id is mapped, inside perhaps only root's. */
static bool
is_mapped(const char *map_path, unsigned id)
{
	FILE *map = fopen(map_path, "re");
	unsigned inside, outside, count;
	bool mapped = map == NULL;

	while (
	    !mapped && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3)
		mapped = id >= inside && id - inside < count;
	if (map != NULL)
		fclose(map);
	return mapped;
}

static const struct passwd *
find_default_user(struct identity *identity, struct text *error)
{
	const struct passwd *user = getpwnam(default_user);

	if (user != NULL)
		return user;
	user = getpwnam(fallback_user);
	if (user == NULL)
		text_format(error,
		    "neither user \"%s\" nor \"%s\" exists, see -user",
		    default_user, fallback_user);
	else
		snprintf(identity->warning, sizeof identity->warning,
		    "there is no user \"%s\", running as \"%s\"", default_user,
		    fallback_user);
	return user;
}

/* A number needs no entry: a container may have no user database at all. The
 * largest one would leave the id as it is. */
static bool
is_number(const char *name, uint32_t *id)
{
	uint64_t number;

	if (!number_parse(name, 0, UINT32_MAX - 1, &number))
		return false;
	*id = (uint32_t)number;
	return true;
}

/* The option as it was written: in a file with its line, without a dash. */
static void
append_option(struct text *error, const struct config *config,
    const char *option, const struct config_user *user)
{
	if (user->line > 0) {
		text_short(error, config->config_file);
		text_format(
		    error, ":%u: %s %s", user->line, option, user->name);
	} else
		text_format(error, "-%s %s", option, user->name);
}

static bool
find_group(const struct config *config, gid_t *gid, struct text *error)
{
	const char *name = config->group.name;
	const struct group *group;

	if (name[0] == '\0' || is_number(name, gid))
		return true;
	if ((group = getgrnam(name)) == NULL) {
		append_option(error, config, "group", &config->group);
		text_append(error, ": no such group");
		return false;
	}
	*gid = group->gr_gid;
	return true;
}

/* A user without an entry has a group of the same number. */
static bool
find_user(
    const struct config *config, struct identity *identity, struct text *error)
{
	const char *name = config->user.name;
	const struct passwd *user;

	if (name[0] == '\0') {
		user = find_default_user(identity, error);
	} else if ((user = getpwnam(name)) == NULL) {
		if (is_number(name, &identity->uid)) {
			user = getpwuid(identity->uid);
			identity->gid =
			    user != NULL ? user->pw_gid : identity->uid;
			return true;
		}
		append_option(error, config, "user", &config->user);
		text_append(error, ": no such user");
	}
	if (user == NULL)
		return false;
	identity->uid = user->pw_uid;
	identity->gid = user->pw_gid;
	return true;
}

static bool
find(const struct config *config, struct identity *identity, struct text *error)
{
	if (!find_user(config, identity, error))
		return false;
	identity->change = true;
	if (!find_group(config, &identity->gid, error))
		return false;
	if (config->user.name[0] == '\0' &&
	    (!is_mapped("/proc/self/uid_map", identity->uid) ||
		!is_mapped("/proc/self/gid_map", identity->gid))) {
		snprintf(identity->warning, sizeof identity->warning,
		    "user \"%s\" does not exist in this user namespace, "
		    "keeping uid 0 without capabilities",
		    identity->warning[0] != '\0' ? fallback_user
						 : default_user);
		identity->change = false;
	}
	return true;
}

static _Noreturn void
look(const struct config *config, int fd)
{
	struct finding finding = { .found = false };
	struct text error = text_in(finding.error, sizeof finding.error);

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a name service may take long */
	finding.found = find(config, &finding.identity, &error);
	_exit(write(fd, &finding, sizeof finding) == sizeof finding ? 0 : 1);
}

/* Name services bring libraries and memory of theirs into a process, and leave
 * them there: a child asks, and takes all of that with it. False where there is
 * no child, or it has died. */
static bool
look_in_child(const struct config *config, struct finding *finding)
{
	int fds[2];
	ssize_t count = -1;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return false;
	if ((pid = fork()) == 0)
		look(config, fds[1]);
	descriptor_close(&fds[1]);
	if (pid != -1) {
		do
			count = read(fds[0], finding, sizeof *finding);
		while (count == -1 && errno == EINTR);
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	descriptor_close(&fds[0]);
	return count == sizeof *finding;
}

bool
identity_find(
    const struct config *config, struct identity *identity, struct text *error)
{
	struct finding finding;

	*identity = (struct identity){ .change = false };
	if (geteuid() != 0)
		return true;
	if (!look_in_child(config, &finding))
		return find(config, identity, error);
	if (!finding.found)
		text_append(error, finding.error);
	*identity = finding.identity;
	return finding.found;
}
