/* SPDX-License-Identifier: MIT */
#include "config/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n\v\f";

/* Cuts off a comment and the blanks at both ends. */
static char *
line_trim(char *line)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, blanks);
	for (end = line + strlen(line); end > line; end--) {
		if (strchr(blanks, end[-1]) == NULL)
			break;
	}
	*end = '\0';
	return line;
}

/* `name value`, or a switch's name alone. */
static bool
line_apply(struct option_source *source, char *line, struct config *config,
    struct text *error)
{
	char *value = line + strcspn(line, blanks);
	const struct option_row *row;

	if (*value != '\0') {
		*value++ = '\0';
		value += strspn(value, blanks);
	} else {
		value = NULL;
	}
	row = option_source_find(source, line, strlen(line), error);
	return row != NULL &&
	    option_source_set(source, row, value, config, error);
}

/* Editors of other systems put a byte-order mark in front of UTF-8. */
static size_t
mark_length(const char *line, unsigned number)
{
	static const char mark[] = "\xef\xbb\xbf";

	return number == 1 && strncmp(line, mark, sizeof mark - 1) == 0
	    ? sizeof mark - 1
	    : 0;
}

/* A byte 0 would hide the rest of the line. */
static bool
line_read(struct option_source *source, char *line, size_t length,
    struct config *config, struct text *error)
{
	char *trimmed;

	if (strlen(line) != length) {
		text_append(error, "a line must not hold a byte 0");
		return false;
	}
	trimmed = line_trim(line);
	return *trimmed == '\0' || line_apply(source, trimmed, config, error);
}

static bool
lines_read(struct config *config, FILE *file, const char *path,
    struct option_source *source, struct text *error)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	bool fine = true;
	int error_number;

	for (unsigned number = 1;
	     fine && (length = getline(&line, &size, file)) != -1; number++) {
		struct text before = *error;
		size_t mark = mark_length(line, number);

		source->line = number;
		text_short(error, path);
		text_format(error, ":%u: ", number);
		fine = line_read(
		    source, line + mark, (size_t)length - mark, config, error);
		if (fine)
			*error = before;
	}
	error_number = errno;
	free(line);
	errno = error_number;
	return fine;
}

static bool
file_refuse(const char *path, struct text *error)
{
	const char *cause = strerror(errno);

	text_append(error, "-config ");
	text_short(error, path);
	text_format(error, ": expected a readable file: %s", cause);
	return false;
}

bool
config_file_read(struct config *config, const char *path,
    struct option_source *source, struct text *error)
{
	FILE *file = fopen(path, "re");
	bool read;

	if (file == NULL)
		return file_refuse(path, error);
	read = lines_read(config, file, path, source, error);
	if (read && ferror(file))
		read = file_refuse(path, error);
	fclose(file);
	return read;
}
