/* SPDX-License-Identifier: MIT */
#include "config/option_credentials.h"

#include <string.h>

#include "base/ascii.h"
#include "config/connect_headers.h"
#include "config/credentials.h"
#include "config/upstream_list.h"

static bool
refuse(const struct option_input *input, const char *words)
{
	text_append(input->expected, words);
	return false;
}

static struct span
span_of_text(const char *text)
{
	return span_of(text, strlen(text));
}

/* Behind the host, without its brackets if it has some. */
static bool
has_port(struct span text)
{
	const unsigned char *bracket = memchr(text.bytes, ']', text.length);
	const unsigned char *colon = memchr(text.bytes, ':', text.length);

	if (bracket != NULL)
		return bracket + 1 < text.bytes + text.length;
	return colon != NULL &&
	    memchr(colon + 1, ':',
		(size_t)(text.bytes + text.length - colon - 1)) == NULL;
}

/* HOST[:PORT] in front of the equals sign; a path with one is no host. */
static bool
host_set(struct credential *credential, struct span text,
    const struct option_input *input)
{
	struct config_upstream upstream;

	memset(&upstream, 0, sizeof upstream);
	if (!upstream_parse(&upstream, text, input->expected))
		return false;
	memcpy(credential->host, upstream.host, sizeof credential->host);
	credential->port = has_port(text) ? upstream.port : 0;
	return true;
}

static bool
path_set(struct credential *credential, struct span path,
    const struct option_input *input)
{
	char text[PATH_MAX];
	struct option_input file = *input;

	file.value = text;
	return option_value_copy(
		   text, sizeof text, (const char *)path.bytes, path.length) &&
	    option_set_path(credential->path, &file);
}

static bool
is_doubled(const struct credentials *credentials)
{
	const struct credential *last =
	    &credentials->list[credentials->count - 1];

	for (unsigned i = 0; i < credentials->count - 1; i++) {
		if (credentials->list[i].port == last->port &&
		    ascii_compare(span_of_text(credentials->list[i].host),
			span_of_text(last->host)) == 0)
			return true;
	}
	return false;
}

static bool
part_add(struct credentials *credentials, struct span part,
    const struct option_input *input)
{
	struct credential *credential = &credentials->list[credentials->count];
	const unsigned char *equals = memchr(part.bytes, '=', part.length);
	const unsigned char *slash = memchr(part.bytes, '/', part.length);

	if (credentials->count == CREDENTIALS_MAX)
		return refuse(input, "9 files at most");
	if (equals != NULL && (slash == NULL || equals < slash)) {
		struct span host =
		    span_of(part.bytes, (size_t)(equals - part.bytes));

		if (!host_set(credential, host, input))
			return false;
		part = span_after(part, host.length + 1);
	}
	if (!path_set(credential, part, input))
		return false;
	credentials->count++;
	return !is_doubled(credentials) ||
	    refuse(input, "one file for each upstream");
}

bool
option_set_credentials(void *field, const struct option_input *input)
{
	struct credentials *credentials = field;
	struct span left = span_of_text(input->value);

	memset(credentials, 0, sizeof *credentials);
	for (;;) {
		const unsigned char *comma =
		    memchr(left.bytes, ',', left.length);
		struct span part = left;

		if (comma != NULL)
			part.length = (size_t)(comma - left.bytes);
		if (!part_add(credentials, part, input))
			return false;
		if (comma == NULL)
			return true;
		left = span_after(left, part.length + 1);
	}
}

static bool
name_check(struct span name, const struct option_input *input)
{
	for (size_t i = 0; i < name.length; i++) {
		if (!ascii_is_token(name.bytes[i]))
			return false;
	}
	if (ascii_spells(name, "proxy-authorization"))
		return refuse(
		    input, "-upstream-credentials for Proxy-Authorization");
	if (ascii_spells(name, "host") ||
	    ascii_spells(name, "content-length") ||
	    ascii_spells(name, "transfer-encoding"))
		return refuse(input,
		    "a field other than Host, Content-Length and "
		    "Transfer-Encoding");
	return name.length > 0;
}

static bool
value_check(struct span value)
{
	for (size_t i = 0; i < value.length; i++) {
		if (value.bytes[i] != '\t' && ascii_is_control(value.bytes[i]))
			return false;
	}
	return true;
}

bool
option_add_connect_header(void *field, const struct option_input *input)
{
	struct connect_headers *headers = field;
	size_t length = strlen(input->value);
	const char *colon = strchr(input->value, ':');
	size_t name = colon != NULL ? (size_t)(colon - input->value) : 0;

	if (headers->count == CONNECT_HEADERS_MAX)
		return refuse(input, "8 fields at most");
	if (!name_check(span_of(input->value, name), input) ||
	    !value_check(span_of(input->value, length)))
		return false;
	return option_value_copy(headers->list[headers->count++],
	    CONNECT_HEADER_SIZE, input->value, length);
}
