/* SPDX-License-Identifier: MIT */
#include "worker/local_addresses.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/descriptor.h"

enum {
	ASK_AGAIN_MS = 1000,
	ADDRESSES_MAX = 4096, /* of each family */
	ADDRESSES_MORE = 32,
	IPV6_BYTES = sizeof(struct in6_addr),
};

/* What is read now. */
struct found {
	struct address *list;
	size_t count, capacity;
};

void
local_addresses_open(struct local_addresses *local, int ipv6_fd)
{
	*local = (struct local_addresses){ .ipv6_fd = ipv6_fd };
}

void
local_addresses_close(struct local_addresses *local)
{
	descriptor_close(&local->ipv6_fd);
	free(local->list);
	local->list = NULL;
	local->count = 0;
}

static bool
add(struct found *found, const struct address *address)
{
	size_t more = found->capacity + ADDRESSES_MORE;
	struct address *list;

	if (found->count == found->capacity) {
		list = reallocarray(found->list, more, sizeof *list);
		if (list == NULL)
			return false;
		found->list = list;
		found->capacity = more;
	}
	found->list[found->count++] = *address;
	return true;
}

/* Without a buffer the kernel says how many bytes it needs. Room for some more
 * entries lets the list grow between the two calls. */
static struct ifreq *
interfaces_read(int fd, size_t *count)
{
	struct ifconf question = { .ifc_len = 0 };
	struct ifreq *requests;

	if (ioctl(fd, SIOCGIFCONF, &question) == -1 || question.ifc_len < 0)
		return NULL;
	*count = (size_t)question.ifc_len / sizeof *requests + 4;
	if (*count > ADDRESSES_MAX)
		*count = ADDRESSES_MAX;
	if ((requests = calloc(*count, sizeof *requests)) == NULL)
		return NULL;
	question.ifc_req = requests;
	question.ifc_len = (int)(*count * sizeof *requests);
	if (ioctl(fd, SIOCGIFCONF, &question) == -1) {
		free(requests);
		return NULL;
	}
	*count = (size_t)question.ifc_len / sizeof *requests;
	return requests;
}

static bool
read_ipv4(struct found *found, int fd)
{
	size_t count = 0;
	struct ifreq *requests = interfaces_read(fd, &count);
	bool has_room = requests != NULL;

	for (size_t i = 0; has_room && i < count; i++) {
		struct address address = { .v4 = { .sin_family = AF_UNSPEC } };

		memcpy(&address.v4, &requests[i].ifr_addr, sizeof address.v4);
		address.v4.sin_port = 0;
		has_room = add(found, &address);
	}
	free(requests);
	return has_room;
}

/* A line begins with the 32 digits of the address. */
static bool
parse_line(struct address *address, struct span line)
{
	*address = (struct address){ .v6 = { .sin6_family = AF_INET6 } };
	if (line.length < 2 * IPV6_BYTES)
		return false;
	for (size_t i = 0; i < IPV6_BYTES; i++) {
		int high = ascii_hex_value(line.bytes[2 * i]);
		int low = ascii_hex_value(line.bytes[2 * i + 1]);

		if (high == -1 || low == -1)
			return false;
		address->v6.sin6_addr.s6_addr[i] =
		    (unsigned char)(high << 4 | low);
	}
	return true;
}

/* Takes the whole lines; *taken is how many bytes they have. */
static bool
add_lines(struct found *found, struct span bytes, size_t *taken)
{
	const unsigned char *end;
	struct address address;

	*taken = 0;
	while (bytes.length > 0 &&
	    (end = memchr(bytes.bytes, '\n', bytes.length)) != NULL) {
		size_t length = (size_t)(end - bytes.bytes);

		if (parse_line(&address, span_of(bytes.bytes, length)) &&
		    !add(found, &address))
			return false;
		bytes = span_after(bytes, length + 1);
		*taken += length + 1;
	}
	return true;
}

/* The sandbox lets no worker open the file. The kernel makes the list anew for
 * each reader that begins at its start: proc(5), /proc/net/if_inet6. */
static bool
read_ipv6(struct found *found, int fd)
{
	unsigned char bytes[4096];
	size_t taken = 0, first = found->count;
	off_t offset = 0;
	ssize_t count;

	if (fd == -1)
		return true;
	do {
		count = pread(fd, bytes, sizeof bytes, offset);
		if (count == -1)
			return false;
		if (!add_lines(found, span_of(bytes, (size_t)count), &taken))
			return false;
		offset += (off_t)taken;
	} while (taken > 0 && found->count - first < ADDRESSES_MAX);
	return true;
}

/* On an error the old list stays. */
static void
refresh(struct local_addresses *local, int fd)
{
	struct found found = { .list = NULL };

	if (!read_ipv4(&found, fd) || !read_ipv6(&found, local->ipv6_fd)) {
		free(found.list);
		return;
	}
	free(local->list);
	local->list = found.list;
	local->count = found.count;
}

bool
local_addresses_has(struct local_addresses *local, int fd,
    const struct address *address, int64_t now_ms)
{
	struct address wanted = *address;

	address_set_port(&wanted, 0);
	if (wanted.any.sa_family == AF_INET6)
		wanted.v6.sin6_scope_id = 0;
	if (now_ms >= local->ask_from_ms) {
		refresh(local, fd);
		local->ask_from_ms = now_ms + ASK_AGAIN_MS;
	}
	for (size_t i = 0; i < local->count; i++) {
		if (address_equal(&local->list[i], &wanted))
			return true;
	}
	return false;
}
