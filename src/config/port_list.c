/* SPDX-License-Identifier: MIT */
#include "config/port_list.h"

#include <string.h>

#include "config/number.h"

static bool
range_parse(struct port_range *range, const char *text, size_t length)
{
	char part[sizeof "65535-65535"];
	char *dash;
	uint64_t first, last;

	if (length >= sizeof part)
		return false;
	memcpy(part, text, length);
	part[length] = '\0';
	if ((dash = strchr(part, '-')) != NULL)
		*dash++ = '\0';
	if (!number_parse(part, 1, UINT16_MAX, &first) ||
	    !number_parse(dash != NULL ? dash : part, first, UINT16_MAX, &last))
		return false;
	*range = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return true;
}

bool
port_list_parse(struct port_list *list, const char *text)
{
	memset(list, 0, sizeof *list);
	if (strcmp(text, "none") == 0)
		return true;
	if (strcmp(text, "all") == 0)
		text = "1-65535";
	for (;; text++) {
		size_t length = strcspn(text, ",");

		if (list->count == PORT_LIST_RANGES ||
		    !range_parse(&list->ranges[list->count++], text, length))
			return false;
		text += length;
		if (*text == '\0')
			return true;
	}
}

bool
port_list_has(const struct port_list *list, uint16_t port)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (port >= list->ranges[i].first &&
		    port <= list->ranges[i].last)
			return true;
	}
	return false;
}
