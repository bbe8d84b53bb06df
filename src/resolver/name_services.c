/* SPDX-License-Identifier: MIT */
#include "resolver/name_services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static const char blanks[] = " \t\r\n\v\f";

/* Those that ask files, name servers and the kernel; all other modules ask a
 * daemon. */
static bool
is_plain_module(const char *name)
{
	static const char *const names[] = { "files", "dns", "myhostname" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* What to do with a module's answer: "[NOTFOUND=return]". */
static void
blank_actions(char *text)
{
	while ((text = strchr(text, '[')) != NULL) {
		while (*text != '\0' && *text != ']')
			*text++ = ' ';
		if (*text != '\0')
			*text++ = ' ';
	}
}

/* "hosts: files dns" */
bool
name_services_line_needs_unix_sockets(char *line)
{
	char *rest, *word;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, blanks);
	if (strncmp(line, "hosts", strlen("hosts")) != 0)
		return false;
	line += strlen("hosts");
	line += strspn(line, blanks);
	if (*line != ':')
		return false;
	blank_actions(line);
	for (word = strtok_r(line + 1, blanks, &rest); word != NULL;
	     word = strtok_r(NULL, blanks, &rest)) {
		if (!is_plain_module(word))
			return true;
	}
	return false;
}

bool
name_services_need_unix_sockets(void)
{
	FILE *file = fopen("/etc/nsswitch.conf", "re");
	char *line = NULL;
	size_t size = 0;
	bool need = false;

	if (file == NULL)
		return false;
	while (!need && getline(&line, &size, file) != -1)
		need = name_services_line_needs_unix_sockets(line);
	free(line);
	fclose(file);
	return need;
}
