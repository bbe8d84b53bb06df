/* SPDX-License-Identifier: MIT */
#include "base/landlock.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/system_call.h"

/* From the kernel's interface; older headers lack <linux/landlock.h>. */
enum {
	CREATE_RULESET_VERSION = 1U << 0,
	RULE_PATH_BENEATH = 1,
	RULE_NET_PORT = 2,
	READ_FILE = 1U << 2,
	READ_DIR = 1U << 3,
	BIND_AND_CONNECT = (1U << 2) - 1,
	CONNECT = 1U << 1,
	SCOPE_ALL = (1U << 2) - 1, /* abstract Unix sockets, signals */
	PORTS_SINCE = 4,
	SCOPE_SINCE = 6,
};

struct ruleset {
	uint64_t files;
	uint64_t ports;
	uint64_t scope;
};

struct path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

/* 0: the kernel has no Landlock. */
static int
kernel_version(void)
{
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return version < 0 ? 0 : (int)version;
}

/* All rights on files that the version knows, one bit each. */
static uint64_t
file_rights(int version)
{
	static const unsigned char counts[] = { 13, 14, 15, 15, 16 };
	enum { KNOWN = sizeof counts / sizeof counts[0] };

	return (1U << counts[version < KNOWN ? version - 1 : KNOWN - 1]) - 1;
}

static bool
allow_reading(int ruleset_fd)
{
	struct path_rule rule = { READ_FILE | READ_DIR,
		open("/", O_PATH | O_CLOEXEC) };
	bool done;

	if (rule.fd == -1)
		return false;
	done = syscall(SYS_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH,
		   &rule, 0) == 0;
	close(rule.fd);
	return done;
}

static bool
allow_port(int ruleset_fd, uint16_t port)
{
	const struct port_rule rule = { CONNECT, port };

	return syscall(SYS_landlock_add_rule, ruleset_fd, RULE_NET_PORT, &rule,
		   0) == 0;
}

static bool
add_exceptions(
    int ruleset_fd, int version, const struct landlock_exceptions *exceptions)
{
	if (exceptions->read_files && !allow_reading(ruleset_fd))
		return false;
	if (version < PORTS_SINCE)
		return true;
	for (size_t i = 0; i < exceptions->port_count; i++) {
		if (!allow_port(ruleset_fd, exceptions->ports[i]))
			return false;
	}
	return true;
}

/* An older kernel takes a longer struct whose unknown members are 0. */
bool
landlock_enter(const struct landlock_exceptions *exceptions)
{
	int version = kernel_version(), fd;
	struct ruleset rules = { .files = 0 };
	bool done;

	if (version < 1)
		return false;
	rules.files = file_rights(version);
	if (version >= PORTS_SINCE && !exceptions->any_port)
		rules.ports = BIND_AND_CONNECT;
	if (version >= SCOPE_SINCE)
		rules.scope = SCOPE_ALL;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	if (fd == -1)
		return false;
	done = add_exceptions(fd, version, exceptions) &&
	    syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	descriptor_close(&fd);
	return done;
}
