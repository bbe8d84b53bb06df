#include "config/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/options.h"

enum { LINE_SIZE = PATH_MAX + 128 };

static const char blanks[] = " \t\r\n\v\f";

/* Cuts a comment and the blanks at both ends; returns where the rest begins. */
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
line_apply(struct config *config, char *line, const char *directory,
    struct text *error)
{
	char *value = line + strcspn(line, blanks);

	if (*value != '\0') {
		*value++ = '\0';
		value += strspn(value, blanks);
	} else {
		value = NULL;
	}
	if (strcmp(line, "config") == 0) {
		text_append(error, "config: not possible in a file");
		return false;
	}
	return options_set(config, line, value, directory, error);
}

static bool
lines_apply(struct config *config, FILE *file, const char *path,
    const char *directory, struct text *error)
{
	char line[LINE_SIZE];
	char *trimmed;

	for (unsigned number = 1; fgets(line, sizeof line, file) != NULL;
	     number++) {
		struct text before = *error;

		text_format(error, "%s:%u: ", path, number);
		if (strchr(line, '\n') == NULL && !feof(file)) {
			text_append(error, "the line is too long");
			return false;
		}
		trimmed = line_trim(line);
		if (*trimmed != '\0' &&
		    !line_apply(config, trimmed, directory, error))
			return false;
		*error = before;
	}
	if (ferror(file)) {
		text_format(error, "-config %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

bool
config_file_read(struct config *config, const char *path,
    const char *directory, struct text *error)
{
	FILE *file = fopen(path, "re");
	bool read;

	if (file == NULL) {
		text_format(error, "-config %s: expected a readable file: %s",
		    path, strerror(errno));
		return false;
	}
	read = lines_apply(config, file, path, directory, error);
	fclose(file);
	return read;
}
