/* SPDX-License-Identifier: MIT */
#include "start/local_port.h"

#include <stdio.h>
#include <string.h>

#include "config/port_list.h"

/* The first line of a file in /proc/sys; "" if there is none. */
static void
read_setting(const char *path, char *text, int size)
{
	FILE *file = fopen(path, "re");

	if (file == NULL || fgets(text, size, file) == NULL)
		text[0] = '\0';
	if (file != NULL)
		fclose(file);
	text[strcspn(text, "\n")] = '\0';
}

bool
local_port_is_shared(const struct config *config)
{
	struct port_list reserved;
	char text[1024];
	unsigned first, last;

	read_setting(
	    "/proc/sys/net/ipv4/ip_local_port_range", text, sizeof text);
	if (sscanf(text, "%u %u", &first, &last) != 2 ||
	    config->local_port < first || config->local_port > last)
		return false;
	read_setting(
	    "/proc/sys/net/ipv4/ip_local_reserved_ports", text, sizeof text);
	return !port_list_parse(&reserved, text) ||
	    !port_list_has(&reserved, config->local_port);
}
