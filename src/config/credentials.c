/* SPDX-License-Identifier: MIT */
#include "config/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/descriptor.h"

/* Two lines, an empty one, and one byte to see that there is more. */
enum { FILE_SIZE = 2 * (CREDENTIALS_PART_BYTES + 2) + 2 + 1 };

static const char two_lines[] =
    "expected the user and the password, a line each, and nothing else";

static bool
refuse(struct text *error, const char *cause)
{
	text_append(error, cause);
	return false;
}

/* Not even a FIFO may keep us waiting. */
static int
file_open(const char *path, struct text *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;

	if (fd == -1) {
		text_append(error, strerror(errno));
		return -1;
	}
	if (fstat(fd, &status) == -1)
		text_append(error, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		text_append(error, "expected a regular file");
	else if ((status.st_mode & S_IRWXO) != 0)
		text_append(error,
		    "expected a file without permissions for others: "
		    "chmod o= helps");
	else
		return fd;
	descriptor_close(&fd);
	return -1;
}

/* The length, or -1 with errno. */
static ssize_t
file_read(int fd, unsigned char *bytes, size_t size)
{
	size_t length = 0;
	ssize_t count;

	do {
		count = read(fd, bytes + length, size - length);
		if (count > 0)
			length += (size_t)count;
	} while (count > 0 || (count == -1 && errno == EINTR));
	return count == -1 ? -1 : (ssize_t)length;
}

/* Takes a line off the text, without its end; false where none is left. */
static bool
line_take(struct span *text, struct span *line)
{
	const unsigned char *lf;

	if (text->length == 0)
		return false;
	lf = memchr(text->bytes, '\n', text->length);
	*line = *text;
	if (lf != NULL)
		line->length = (size_t)(lf - text->bytes);
	*text = span_after(*text, line->length + (lf != NULL ? 1 : 0));
	if (lf != NULL && line->length > 0 &&
	    line->bytes[line->length - 1] == '\r')
		line->length--;
	return true;
}

static bool
has_control(struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		if (ascii_is_control(bytes.bytes[i]))
			return true;
	}
	return false;
}

static bool
parts_check(struct span user, struct span password, struct text *error)
{
	if (has_control(user) || has_control(password))
		return refuse(error, "expected no control character");
	if (user.length == 0 || user.length > CREDENTIALS_PART_BYTES)
		return refuse(error, "expected a user of 1 to 255 bytes");
	if (memchr(user.bytes, ':', user.length) != NULL)
		return refuse(error, "expected a user without a colon");
	if (password.length > CREDENTIALS_PART_BYTES)
		return refuse(
		    error, "expected a password of 255 bytes at most");
	return true;
}

/* RFC 7617 2: user, colon, password. */
static void
encode(struct credential *credential, struct span user, struct span password)
{
	unsigned char joined[2 * CREDENTIALS_PART_BYTES + 1];
	size_t length = user.length + 1 + password.length;

	memcpy(joined, user.bytes, user.length);
	joined[user.length] = ':';
	if (password.length > 0)
		memcpy(
		    joined + user.length + 1, password.bytes, password.length);
	memset(credential->encoded, 0, sizeof credential->encoded);
	base64_encode(credential->encoded, span_of(joined, length));
	explicit_bzero(joined, sizeof joined);
}

static bool
parse(struct credential *credential, struct span text, struct text *error)
{
	struct span user, password, behind = { NULL, 0 };

	if (!line_take(&text, &user) || !line_take(&text, &password))
		return refuse(error, two_lines);
	if (!parts_check(user, password, error))
		return false;
	if (line_take(&text, &behind) && (behind.length > 0 || text.length > 0))
		return refuse(error, two_lines);
	encode(credential, user, password);
	return true;
}

static bool
read_one(struct credential *credential, struct text *error)
{
	unsigned char bytes[FILE_SIZE];
	int fd = file_open(credential->path, error);
	ssize_t length;
	bool is_good = false;

	if (fd == -1)
		return false;
	length = file_read(fd, bytes, sizeof bytes);
	if (length == -1)
		text_append(error, strerror(errno));
	else
		is_good =
		    parse(credential, span_of(bytes, (size_t)length), error);
	explicit_bzero(bytes, sizeof bytes);
	descriptor_close(&fd);
	return is_good;
}

bool
credentials_read(struct credentials *credentials, struct text *error)
{
	for (unsigned i = 0; i < credentials->count; i++) {
		struct credential *credential = &credentials->list[i];
		struct text before = *error;

		text_append(error, "-upstream-credentials ");
		text_short(error, credential->path);
		text_append(error, ": ");
		if (!read_one(credential, error))
			return false;
		*error = before;
	}
	return true;
}

bool
credential_names(
    const struct credential *credential, const struct config_upstream *upstream)
{
	return strcasecmp(credential->host, upstream->host) == 0 &&
	    (credential->port == 0 || credential->port == upstream->port);
}

/* How near it comes to the host and port; 0: not at all. */
static unsigned
nearness(
    const struct credential *credential, const struct config_upstream *upstream)
{
	if (credential->host[0] == '\0')
		return 1;
	if (!credential_names(credential, upstream))
		return 0;
	return credential->port == 0 ? 2 : 3;
}

const struct credential *
credentials_find(const struct credentials *credentials,
    const struct config_upstream *upstream)
{
	const struct credential *found = NULL;
	unsigned nearest = 0;

	for (unsigned i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];
		unsigned near = nearness(credential, upstream);

		if (near > nearest) {
			nearest = near;
			found = credential;
		}
	}
	return found;
}

void
credentials_wipe(struct credentials *credentials)
{
	for (unsigned i = 0; i < CREDENTIALS_MAX; i++)
		explicit_bzero(credentials->list[i].encoded,
		    sizeof credentials->list[i].encoded);
}
