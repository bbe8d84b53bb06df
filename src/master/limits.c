/* SPDX-License-Identifier: MIT */
#include "master/limits.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/role.h"

/* Of a worker's descriptors: a connection takes two. Besides there are
 * standard input, output and error, listener, control and log pipe, epoll,
 * signalfd, timerfd, the socket that is reserved for the next client, and some
 * that libc and a sanitizer open for a moment. A socket that waits for another
 * connection is in the room of the one that has ended, and a ready socket in
 * the room of connections that have yet to come. */
enum {
	DESCRIPTORS_EACH = 2,
	DESCRIPTORS_BESIDES = 16,
	CONNTRACK_EACH = 2,
	PER_CLIENT_LEAST = 16,
};

/* An eighth of the descriptors at most. */
static unsigned
pipes_within(uint64_t descriptors)
{
	return descriptors / 16 > ROLE_PIPES_MAX ? ROLE_PIPES_MAX
						 : (unsigned)(descriptors / 16);
}

static uint64_t
descriptors_now(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 0;
	return limit.rlim_cur > UINT32_MAX ? UINT32_MAX : limit.rlim_cur;
}

uint64_t
limits_descriptors_needed(const struct config *config)
{
	uint64_t max =
	    (config->max_connections + config->workers - 1) / config->workers;

	return max * DESCRIPTORS_EACH + DESCRIPTORS_BESIDES +
	    ROLE_PIPES_MAX * 2;
}

static uint64_t
by_descriptors(
    const struct config *config, uint64_t descriptors, unsigned pipes)
{
	uint64_t besides = DESCRIPTORS_BESIDES + pipes * 2U;

	if (descriptors < besides + DESCRIPTORS_EACH)
		return config->workers;
	return (descriptors - besides) / DESCRIPTORS_EACH * config->workers;
}

static uint64_t
by_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	if (pages <= 0 || page <= 0)
		return UINT32_MAX;
	return (uint64_t)pages * (uint64_t)page / LIMITS_BYTES_EACH;
}

/* Ports that the kernel gives to connections towards one address. */
static uint64_t
by_local_ports(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned first = 32768, last = 60999;

	if (file != NULL) {
		if (fscanf(file, "%u %u", &first, &last) != 2 || last < first)
			first = last = 0;
		fclose(file);
	}
	return last - first + 1;
}

static unsigned
per_client(const struct config *config, uint64_t connections)
{
	if (config->max_per_client != CONFIG_PER_CLIENT_AUTO)
		return (unsigned)config->max_per_client;
	return connections / 2 < PER_CLIENT_LEAST ? PER_CLIENT_LEAST
						  : (unsigned)(connections / 2);
}

/* A redirected client has one entry, and our connection for it the other. Where
 * 0 is set, or nothing tracks connections, there is no bound. */
static uint64_t
by_conntrack(void)
{
	FILE *file = fopen("/proc/sys/net/netfilter/nf_conntrack_max", "re");
	unsigned entries = 0;

	if (file == NULL)
		return UINT32_MAX;
	if (fscanf(file, "%u", &entries) != 1)
		entries = 0;
	fclose(file);
	return entries == 0 ? UINT32_MAX : entries / CONNTRACK_EACH;
}

struct bound {
	const char *name;
	uint64_t connections;
};

static struct bound
lesser(struct bound a, struct bound b)
{
	return b.connections < a.connections ? b : a;
}

/* What was asked for may be more than the memory or the table of connections
 * is good for, which can grow; the descriptors cannot. */
static struct bound
as_asked(const struct config *config, struct bound files, uint64_t conntrack)
{
	struct bound asked = { "max-connections", config->max_connections };

	if (files.connections < asked.connections)
		log_warning("-max-connections %u is more than the descriptors "
			    "allow",
		    config->max_connections);
	else if (conntrack < asked.connections)
		log_warning("-max-connections %u is more than nf_conntrack_max "
			    "allows",
		    config->max_connections);
	return lesser(asked, files);
}

struct capacity
limits_capacity(const struct config *config)
{
	uint64_t descriptors = descriptors_now();
	unsigned pipes = pipes_within(descriptors);
	struct bound files = { "descriptors",
		by_descriptors(config, descriptors, pipes) };
	struct bound memory = { "memory", by_memory() };
	struct bound conntrack = { "nf_conntrack_max", by_conntrack() };
	struct bound max = config->max_connections > 0
	    ? as_asked(config, files, conntrack.connections)
	    : lesser(lesser(memory, files), conntrack);
	unsigned ports = (unsigned)by_local_ports();
	char words[64] = "";

	if (conntrack.connections != UINT32_MAX)
		snprintf(words, sizeof words, "nf_conntrack_max %u, ",
		    (unsigned)conntrack.connections);
	log_notice("capacity %u connections, bounded by %s (descriptors allow "
		   "%u, memory %u, %slocal ports towards one upstream address "
		   "%u)",
	    (unsigned)max.connections, max.name, (unsigned)files.connections,
	    (unsigned)memory.connections, words, ports);
	return (struct capacity){
		.connections = (unsigned)max.connections,
		.per_client = per_client(config, max.connections),
		.pipes = pipes,
		.bound = max.name,
		.local_ports = ports,
	};
}

unsigned
limits_worker_part(unsigned connections, unsigned number, unsigned workers)
{
	if (number >= workers)
		return 0;
	return connections / workers + (number < connections % workers);
}
