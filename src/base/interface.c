/* SPDX-License-Identifier: MIT */
#include "base/interface.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/descriptor.h"

/* netdevice(7): any socket will do. A worker may open those of TCP alone. */
static int
any_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

bool
interface_name(unsigned index, char name[IF_NAMESIZE])
{
	struct ifreq request = { .ifr_ifindex = (int)index };
	int fd = any_socket();
	bool found = fd != -1 && ioctl(fd, SIOCGIFNAME, &request) == 0;

	if (fd != -1)
		descriptor_close(&fd);
	if (!found)
		return false;
	memcpy(name, request.ifr_name, IF_NAMESIZE);
	name[IF_NAMESIZE - 1] = '\0';
	return true;
}

static unsigned
name_index(const char *name)
{
	struct ifreq request = { .ifr_ifindex = 0 };
	size_t length = strlen(name);
	int fd = any_socket();
	bool found;

	if (length < IF_NAMESIZE)
		memcpy(request.ifr_name, name, length);
	found = length < IF_NAMESIZE && fd != -1 &&
	    ioctl(fd, SIOCGIFINDEX, &request) == 0;
	if (fd != -1)
		descriptor_close(&fd);
	return found ? (unsigned)request.ifr_ifindex : 0;
}

static unsigned
number_index(const char *digits)
{
	char *end, name[IF_NAMESIZE];
	unsigned long number = strtoul(digits, &end, 10);

	if (digits[0] < '0' || digits[0] > '9' || *end != '\0' ||
	    number > INT32_MAX) {
		errno = ENODEV;
		return 0;
	}
	return interface_name((unsigned)number, name) ? (unsigned)number : 0;
}

unsigned
interface_index(const char *name)
{
	unsigned index = name_index(name);

	return index != 0 ? index : number_index(name);
}
