#include "worker/local_addresses.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { ASK_AGAIN_MS = 1000, ADDRESSES_MAX = 4096 };

void
local_addresses_clear(struct local_addresses *local)
{
	free(local->list);
	*local = (struct local_addresses){ 0 };
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

/* On an error the old list stays. */
static void
refresh(struct local_addresses *local, int fd)
{
	size_t count;
	struct ifreq *requests = interfaces_read(fd, &count);
	uint32_t *list;

	if (requests == NULL)
		return;
	if ((list = calloc(count + 1, sizeof *list)) != NULL) {
		for (size_t i = 0; i < count; i++) {
			struct sockaddr_in address;

			memcpy(&address, &requests[i].ifr_addr, sizeof address);
			list[i] = address.sin_addr.s_addr;
		}
		local_addresses_clear(local);
		local->list = list;
		local->count = count;
	}
	free(requests);
}

bool
local_addresses_has(
    struct local_addresses *local, int fd, uint32_t ip, int64_t now_ms)
{
	if (local->list == NULL || now_ms - local->asked_ms >= ASK_AGAIN_MS) {
		refresh(local, fd);
		local->asked_ms = now_ms;
	}
	for (size_t i = 0; local->list != NULL && i < local->count; i++) {
		if (local->list[i] == ip)
			return true;
	}
	return false;
}
