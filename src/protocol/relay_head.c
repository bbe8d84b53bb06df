/* SPDX-License-Identifier: MIT */
#include "protocol/relay_head.h"

#include <string.h>

#include "base/ascii.h"
#include "protocol/authority.h"

#define METHOD_MAX_LENGTH 32

static const unsigned char scheme[] = "http://";
static const unsigned char version[] = "HTTP/1."; /* and a digit */

static enum relay_verdict
go(struct relay_head *head, enum relay_place place)
{
	head->place = place;
	head->matched = 0;
	head->mark = head->scanned;
	return RELAY_MORE;
}

static enum relay_verdict
go_if(bool right, struct relay_head *head, enum relay_place place)
{
	return right ? go(head, place) : RELAY_TUNNEL;
}

/* What was read since the mark, without the byte that ended it. */
static struct relay_part
part_end(const struct relay_head *head)
{
	return (struct relay_part){ head->mark, head->scanned - 1 };
}

static struct span
part_of(struct relay_part part, struct span whole)
{
	return span_of(whole.bytes + part.begin, part.end - part.begin);
}

static bool
method_is(const struct relay_head *head, struct span whole, const char *word)
{
	struct span method = part_of(head->method, whole);

	return method.length == strlen(word) &&
	    memcmp(method.bytes, word, method.length) == 0;
}

static enum relay_verdict
front_byte(struct relay_head *head, unsigned char byte)
{
	if (byte == '\n') /* behind a CR alone */
		return go_if(head->scanned == RELAY_HEAD_FRONT_BYTES, head,
		    RELAY_METHOD);
	head->place = RELAY_METHOD;
	return ascii_is_token(byte) ? RELAY_MORE : RELAY_TUNNEL;
}

static enum relay_verdict
method_byte(struct relay_head *head, unsigned char byte, struct span whole)
{
	if (byte != ' ')
		return ascii_is_token(byte) &&
			head->scanned - head->mark <= METHOD_MAX_LENGTH
		    ? RELAY_MORE
		    : RELAY_TUNNEL;
	head->method = part_end(head);
	return go_if(head->method.end > head->method.begin &&
		!method_is(head, whole, "CONNECT"),
	    head, RELAY_TARGET);
}

static enum relay_verdict
target_byte(struct relay_head *head, unsigned char byte, struct span whole)
{
	head->mark = head->scanned - 1;
	head->path = (struct relay_part){ head->mark, head->mark };
	if (byte == '/') {
		head->place = RELAY_PATH;
		return RELAY_MORE;
	}
	if (byte == '*')
		return go_if(
		    method_is(head, whole, "OPTIONS"), head, RELAY_ASTERISK);
	head->place = RELAY_SCHEME;
	head->matched = 1;
	return ascii_lower(byte) == scheme[0] ? RELAY_MORE : RELAY_TUNNEL;
}

static enum relay_verdict
scheme_byte(struct relay_head *head, unsigned char byte)
{
	if (ascii_lower(byte) != scheme[head->matched++])
		return RELAY_TUNNEL;
	head->is_absolute = true;
	return scheme[head->matched] == '\0' ? go(head, RELAY_AUTHORITY)
					     : RELAY_MORE;
}

/* Notes the host of an authority; false if it is none. */
static bool
host_set(struct relay_head *head, struct span authority, struct span whole)
{
	struct span host;

	if (!authority_split(authority, &host))
		return false;
	head->host.begin = (uint32_t)(host.bytes - whole.bytes);
	head->host.end = head->host.begin + (uint32_t)host.length;
	return true;
}

/* User information has an @, which no host has. */
static enum relay_verdict
authority_byte(struct relay_head *head, unsigned char byte, struct span whole)
{
	if (byte != '/' && byte != '?' && byte != ' ')
		return byte == ':' || byte == '[' || byte == ']' ||
			host_name_are_bytes(span_of(&byte, 1))
		    ? RELAY_MORE
		    : RELAY_TUNNEL;
	if (!host_set(head, part_of(part_end(head), whole), whole))
		return RELAY_TUNNEL;
	head->mark = head->scanned - 1;
	head->path = (struct relay_part){ head->mark, head->mark };
	if (byte == ' ')
		return go(head, RELAY_VERSION);
	head->place = RELAY_PATH;
	return RELAY_MORE;
}

static enum relay_verdict
path_byte(struct relay_head *head, unsigned char byte)
{
	if (byte == ' ') {
		head->path = part_end(head);
		return go(head, RELAY_VERSION);
	}
	return byte > ' ' && byte != 0x7f ? RELAY_MORE : RELAY_TUNNEL;
}

static enum relay_verdict
version_byte(struct relay_head *head, unsigned char byte)
{
	if (version[head->matched] != '\0')
		return byte == version[head->matched++] ? RELAY_MORE
							: RELAY_TUNNEL;
	head->minor = (struct relay_part){ head->scanned - 1, head->scanned };
	head->fields.is_http_1_0 = byte == '0';
	return go_if(ascii_is_digit(byte), head, RELAY_VERSION_END);
}

static enum relay_verdict
version_end_byte(struct relay_head *head, unsigned char byte)
{
	head->fields_begin = head->scanned;
	return go_if(byte == '\n', head, RELAY_FIELD);
}

static enum relay_verdict
field_byte(struct relay_head *head, unsigned char byte)
{
	if (byte == '\n')
		return RELAY_REQUEST;
	head->mark = head->scanned - 1;
	head->place = RELAY_FIELD_NAME;
	return ascii_is_token(byte) ? RELAY_MORE : RELAY_TUNNEL;
}

static enum relay_verdict
name_byte(struct relay_head *head, unsigned char byte)
{
	if (byte != ':')
		return ascii_is_token(byte) ? RELAY_MORE : RELAY_TUNNEL;
	head->name = part_end(head);
	return go(head, RELAY_FIELD_VALUE);
}

/* An empty Host says nothing; that of an absolute target goes before. */
static bool
host_take(struct relay_head *head, struct span value, struct span whole)
{
	struct relay_part of_target = head->host;

	if (head->has_host_field)
		return false;
	head->has_host_field = true;
	if (value.length == 0)
		return true;
	if (!host_set(head, value, whole))
		return false;
	if (head->is_absolute)
		head->host = of_target;
	return true;
}

static bool
field_take(struct relay_head *head, struct span value, struct span whole)
{
	enum relay_field field = relay_field_of(part_of(head->name, whole));

	if (field == RELAY_FIELD_HOST)
		return host_take(head, value, whole);
	return relay_field_take(&head->fields, field, value);
}

static enum relay_verdict
value_byte(struct relay_head *head, unsigned char byte, struct span whole)
{
	struct span value;

	if (byte != '\n')
		return byte == '\t' || !ascii_is_control(byte) ? RELAY_MORE
							       : RELAY_TUNNEL;
	value = part_of(part_end(head), whole);
	if (value.length > 0 && value.bytes[value.length - 1] == '\r')
		value.length--;
	return go_if(
	    field_take(head, ascii_trim(value), whole), head, RELAY_FIELD);
}

static enum relay_verdict
place_byte(struct relay_head *head, unsigned char byte, struct span whole)
{
	switch (head->place) {
	case RELAY_FRONT:
		return front_byte(head, byte);
	case RELAY_METHOD:
		return method_byte(head, byte, whole);
	case RELAY_TARGET:
		return target_byte(head, byte, whole);
	case RELAY_SCHEME:
		return scheme_byte(head, byte);
	case RELAY_AUTHORITY:
		return authority_byte(head, byte, whole);
	case RELAY_ASTERISK:
		return go_if(byte == ' ', head, RELAY_VERSION);
	case RELAY_PATH:
		return path_byte(head, byte);
	case RELAY_VERSION:
		return version_byte(head, byte);
	case RELAY_VERSION_END:
		return version_end_byte(head, byte);
	case RELAY_FIELD:
		return field_byte(head, byte);
	case RELAY_FIELD_NAME:
		return name_byte(head, byte);
	default:
		return value_byte(head, byte, whole);
	}
}

static bool
line_may_end(const struct relay_head *head)
{
	return (head->place == RELAY_FRONT && head->scanned == 1) ||
	    head->place == RELAY_VERSION_END || head->place == RELAY_FIELD ||
	    head->place == RELAY_FIELD_VALUE;
}

/* CR LF is as LF alone: a CR only asks for the LF. */
static enum relay_verdict
head_byte(struct relay_head *head, unsigned char byte, struct span whole)
{
	bool was_cr = head->after_cr;

	head->scanned++;
	if (was_cr && byte != '\n')
		return RELAY_TUNNEL;
	head->after_cr = byte == '\r';
	if (head->after_cr)
		return line_may_end(head) ? RELAY_MORE : RELAY_TUNNEL;
	head->bare_lfs += byte == '\n' && !was_cr;
	return place_byte(head, byte, whole);
}

void
relay_head_init(struct relay_head *head)
{
	memset(head, 0, sizeof *head);
	head->place = RELAY_FRONT;
}

enum relay_verdict
relay_head_scan(struct relay_head *head, struct span whole)
{
	enum relay_verdict verdict = RELAY_MORE;

	while (head->scanned < whole.length && verdict == RELAY_MORE) {
		verdict = head_byte(head, whole.bytes[head->scanned], whole);
		if (verdict == RELAY_MORE &&
		    head->scanned - head->method.begin ==
			RELAY_HEAD_LIMIT_BYTES)
			return RELAY_TUNNEL;
	}
	return verdict;
}

bool
relay_head_is_repeatable(const struct relay_head *head, struct span whole)
{
	return !head->fields.is_chunked && head->fields.content_length == 0 &&
	    (method_is(head, whole, "GET") || method_is(head, whole, "HEAD") ||
		method_is(head, whole, "OPTIONS"));
}

bool
relay_head_name(
    const struct relay_head *head, struct span whole, struct host_name *name)
{
	return host_name_parse(name, part_of(head->host, whole));
}
