#include "worker/own_addresses.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { ASK_AGAIN_MS = 1000, MOST_ADDRESSES = 4096 };

void
own_addresses_clear(struct own_addresses *own)
{
	free(own->list);
	*own = (struct own_addresses){ 0 };
}

/* Without a buffer the system says how many bytes it would need; room for
 * some more lets the list grow between the two questions. */
static struct ifreq *
interfaces_read(int fd, size_t *count)
{
	struct ifconf question = { .ifc_len = 0 };
	struct ifreq *requests;

	if (ioctl(fd, SIOCGIFCONF, &question) == -1 || question.ifc_len < 0)
		return NULL;
	*count = (size_t)question.ifc_len / sizeof *requests + 4;
	if (*count > MOST_ADDRESSES)
		*count = MOST_ADDRESSES;
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

/* The old list stays where there is no new one. */
static void
refresh(struct own_addresses *own, int fd)
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
		own_addresses_clear(own);
		own->list = list;
		own->count = count;
	}
	free(requests);
}

bool
own_addresses_has(
    struct own_addresses *own, int fd, uint32_t ip, int64_t now_ms)
{
	if (own->list == NULL || now_ms - own->asked_ms >= ASK_AGAIN_MS) {
		refresh(own, fd);
		own->asked_ms = now_ms;
	}
	for (size_t i = 0; own->list != NULL && i < own->count; i++) {
		if (own->list[i] == ip)
			return true;
	}
	return false;
}
