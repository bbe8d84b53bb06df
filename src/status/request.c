/* SPDX-License-Identifier: MIT */
#include "status/request.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"

struct head {
	struct request *request;
	bool has_request_line;
	unsigned minor; /* of the version */
	unsigned hosts; /* fields */
	bool is_foreign; /* what it names is no address of this host */
};

/* False: its end is not there yet. */
static bool
take_line(struct span *rest, struct span *line)
{
	if (rest->length == 0 ||
	    memchr(rest->bytes, '\n', rest->length) == NULL)
		return false;
	*line = span_take_until(rest, '\n');
	if (line->length > 0 && line->bytes[line->length - 1] == '\r')
		line->length--;
	return true;
}

/* Of a line, or of the part of it that has come. */
static bool
is_text(struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		unsigned char byte = bytes.bytes[i];

		if (ascii_is_control(byte) && byte != '\t' && byte != '\r')
			return false;
	}
	return true;
}

static bool
is_token(struct span bytes)
{
	size_t i = 0;

	while (i < bytes.length && ascii_is_token(bytes.bytes[i]))
		i++;
	return bytes.length > 0 && i == bytes.length;
}

static bool
is_address(int family, struct span bytes)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (bytes.length >= sizeof text)
		return false;
	memcpy(text, bytes.bytes, bytes.length);
	text[bytes.length] = '\0';
	return inet_pton(family, text, &address) == 1;
}

static struct span
without_port(struct span authority)
{
	size_t end = authority.length;

	while (end > 0 && ascii_is_digit(authority.bytes[end - 1]))
		end--;
	if (end > 0 && authority.bytes[end - 1] == ':')
		authority.length = end - 1;
	return authority;
}

/* No site can have an address as its name, nor localhost. */
static bool
is_this_host(struct span authority)
{
	struct span host = without_port(authority);

	if (host.length >= 2 && host.bytes[0] == '[' &&
	    host.bytes[host.length - 1] == ']')
		return is_address(
		    AF_INET6, span_of(host.bytes + 1, host.length - 2));
	return ascii_spells(host, "localhost") || is_address(AF_INET, host);
}

/* Takes "http://host:port" from the front of the target, as a proxy gets it. */
static void
take_authority(struct head *head, struct span *target)
{
	static const char scheme[] = "http://";
	struct span start = *target;
	size_t i = sizeof scheme - 1;

	start.length = i;
	if (target->length < i || !ascii_spells(start, scheme))
		return;
	while (i < target->length && target->bytes[i] != '/' &&
	    target->bytes[i] != '?')
		i++;
	*target = span_after(*target, i);
	start.length = i;
	if (!is_this_host(span_after(start, sizeof scheme - 1)))
		head->is_foreign = true;
}

static bool
parse_target(struct head *head, struct span target)
{
	for (size_t i = 0; i < target.length; i++) {
		if (target.bytes[i] <= ' ' || target.bytes[i] >= 0x7f)
			return false;
	}
	take_authority(head, &target);
	if (target.length == 0 || target.bytes[0] != '/')
		return false;
	head->request->path = span_take_until(&target, '?');
	head->request->query = target;
	return true;
}

/* "HTTP/1.1" */
static enum request_verdict
parse_version(struct head *head, struct span version)
{
	const unsigned char *bytes = version.bytes;

	if (version.length != 8 || memcmp(bytes, "HTTP/", 5) != 0 ||
	    !ascii_is_digit(bytes[5]) || bytes[6] != '.' ||
	    !ascii_is_digit(bytes[7]))
		return REQUEST_MALFORMED;
	head->minor = (unsigned)(bytes[7] - '0');
	return bytes[5] == '1' ? REQUEST_GOOD : REQUEST_OTHER_VERSION;
}

static enum request_verdict
parse_request_line(struct head *head, struct span line)
{
	struct span method = span_take_until(&line, ' ');
	struct span target = span_take_until(&line, ' ');
	enum request_verdict verdict = parse_version(head, line);

	if (!is_token(method))
		return REQUEST_MALFORMED;
	if (verdict != REQUEST_GOOD)
		return verdict;
	head->request->is_head = span_is(method, "HEAD");
	if (!head->request->is_head && !span_is(method, "GET"))
		return REQUEST_OTHER_METHOD;
	return parse_target(head, target) ? REQUEST_GOOD : REQUEST_MALFORMED;
}

static bool
has_html(struct span accept)
{
	while (accept.length > 0) {
		struct span range = span_take_until(&accept, ',');

		range = span_take_until(&range, ';');
		if (ascii_spells(ascii_trim(range), "text/html"))
			return true;
	}
	return false;
}

/* A line that begins with a blank would continue the one before: RFC 9112 5.2.
 */
static bool
parse_field(struct head *head, struct span line)
{
	bool has_colon = memchr(line.bytes, ':', line.length) != NULL;
	struct span name = span_take_until(&line, ':');
	struct span value = ascii_trim(line);

	if (!has_colon || !is_token(name) ||
	    (value.length > 0 &&
		memchr(value.bytes, '\r', value.length) != NULL))
		return false;
	if (ascii_spells(name, "host")) {
		head->hosts++;
		head->is_foreign |= !is_this_host(value);
	}
	if (ascii_spells(name, "accept"))
		head->request->accepts_html |= has_html(value);
	return true;
}

static enum request_verdict
conclude(const struct head *head)
{
	if (head->hosts > 1 || (head->hosts == 0 && head->minor > 0))
		return REQUEST_MALFORMED;
	return head->is_foreign ? REQUEST_FOREIGN_HOST : REQUEST_GOOD;
}

/* An empty line in front of the request is left out: RFC 9112 2.2. */
static struct span
skip_empty_line(struct span bytes)
{
	struct span rest = bytes, line;

	return take_line(&rest, &line) && line.length == 0 ? rest : bytes;
}

static enum request_verdict
parse_line(struct head *head, struct span line)
{
	if (!is_text(line))
		return REQUEST_MALFORMED;
	if (head->has_request_line)
		return parse_field(head, line) ? REQUEST_GOOD
					       : REQUEST_MALFORMED;
	head->has_request_line = true;
	return parse_request_line(head, line);
}

enum request_verdict
request_parse(struct span bytes, struct request *request)
{
	struct head head = { .request = request };
	struct span rest = skip_empty_line(bytes), line;
	enum request_verdict verdict;

	*request = (struct request){ .is_head = false };
	while (take_line(&rest, &line)) {
		if (head.has_request_line && line.length == 0)
			return conclude(&head);
		verdict = parse_line(&head, line);
		if (verdict != REQUEST_GOOD)
			return verdict;
	}
	if (!is_text(rest))
		return REQUEST_MALFORMED;
	return bytes.length < REQUEST_HEAD_MAX ? REQUEST_MORE
					       : REQUEST_TOO_LONG;
}
