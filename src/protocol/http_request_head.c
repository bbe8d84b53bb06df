/* SPDX-License-Identifier: MIT */
#include "protocol/http_request_head.h"

#include <string.h>

#include "base/ascii.h"

static const unsigned char connect[] = "CONNECT";
static const unsigned char version[] = "HTTP/1."; /* and a digit */
static const unsigned char host[] = "host"; /* and a colon */

/* RFC 3986 allows less in a target; clients send what they like, but no white
 * space and no control characters. */
static bool
is_target(unsigned char byte)
{
	return byte > ' ' && byte != 0x7f;
}

/* RFC 3986 3.1: behind a scheme's first letter. */
static bool
is_scheme(unsigned char byte)
{
	return ascii_is_letter(byte) || ascii_is_digit(byte) || byte == '+' ||
	    byte == '-' || byte == '.';
}

static enum scan
go(struct http_request_head *head, enum http_place place)
{
	head->place = place;
	head->matched = 0;
	return SCAN_MORE;
}

static enum scan
go_if(bool right, struct http_request_head *head, enum http_place place)
{
	return right ? go(head, place) : SCAN_NONE;
}

static enum scan
name_byte(struct http_request_head *head, unsigned char byte)
{
	if (!host_name_collect(&head->name, span_of(&byte, 1)))
		return SCAN_NONE;
	return SCAN_MORE;
}

static bool
name_set(const struct http_request_head *head, struct host_name *name)
{
	return host_name_parse(
	    name, span_of(head->name.bytes, head->name.length));
}

static bool
is_connect(const struct http_request_head *head)
{
	return head->matched == sizeof connect - 1 &&
	    head->method_length == head->matched;
}

static enum scan
method_byte(struct http_request_head *head, unsigned char byte)
{
	if (head->place == HTTP_START && byte == '\n')
		return SCAN_MORE;
	if (head->place == HTTP_METHOD && byte == ' ')
		return go_if(!is_connect(head), head, HTTP_TARGET_START);
	if (!ascii_is_token(byte) ||
	    head->method_length == HTTP_METHOD_MAX_LENGTH)
		return SCAN_NONE;
	head->place = HTTP_METHOD;
	head->has_small_letters |= byte >= 'a' && byte <= 'z';
	if (head->matched == head->method_length++ &&
	    byte == connect[head->matched])
		head->matched++;
	return SCAN_MORE;
}

/* Looks for `scheme://`; a target that begins otherwise says nothing. */
static enum scan
target_byte(struct http_request_head *head, unsigned char byte)
{
	switch (head->place) {
	case HTTP_TARGET_START:
		if (ascii_is_letter(byte))
			return go(head, HTTP_SCHEME);
		return go_if(is_target(byte), head, HTTP_TARGET);
	case HTTP_SCHEME:
		if (is_scheme(byte))
			return SCAN_MORE;
		if (byte == ':')
			return go(head, HTTP_SCHEME_COLON);
		break;
	case HTTP_SCHEME_COLON:
		if (byte == '/')
			return go(head, HTTP_SCHEME_SLASH);
		break;
	case HTTP_SCHEME_SLASH:
		if (byte == '/')
			return go(head, HTTP_AUTHORITY);
		break;
	default: /* HTTP_TARGET */
		break;
	}
	if (byte == ' ')
		return go(head, HTTP_VERSION);
	return go_if(is_target(byte), head, HTTP_TARGET);
}

static enum scan
authority_byte(
    struct http_request_head *head, unsigned char byte, struct host_name *name)
{
	if (byte == ' ')
		return go_if(name_set(head, name), head, HTTP_VERSION);
	if (byte == '/' || byte == '?' || byte == '#')
		return go_if(name_set(head, name), head, HTTP_TARGET);
	if (head->place == HTTP_AUTHORITY_PORT)
		return go_if(ascii_is_digit(byte), head, HTTP_AUTHORITY_PORT);
	if (byte == ':')
		return go(head, HTTP_AUTHORITY_PORT);
	return name_byte(head, byte);
}

static enum scan
version_byte(
    struct http_request_head *head, unsigned char byte, struct host_name *name)
{
	if (head->place == HTTP_VERSION_END) {
		if (byte != '\n')
			return SCAN_NONE;
		if (name_set(head, name))
			return SCAN_FOUND;
		return go(head, HTTP_FIELD_START);
	}
	if (head->matched == sizeof version - 1)
		return go_if(ascii_is_digit(byte), head, HTTP_VERSION_END);
	if (byte != version[head->matched++])
		return SCAN_NONE;
	return SCAN_MORE;
}

static enum scan
field_byte(
    struct http_request_head *head, unsigned char byte, struct host_name *name)
{
	switch (head->place) {
	case HTTP_FIELD_START:
		if (byte == '\n')
			return name_set(head, name) ? SCAN_FOUND : SCAN_NONE;
		if (!ascii_is_token(byte))
			return SCAN_NONE; /* also white space: obs-fold */
		go(head, HTTP_FIELD_NAME_HOST);
		/* fallthrough */
	case HTTP_FIELD_NAME_HOST:
		if (head->matched == sizeof host - 1 && byte == ':')
			return go_if(
			    head->name.length == 0, head, HTTP_HOST_START);
		if (head->matched < sizeof host - 1 &&
		    ascii_lower(byte) == host[head->matched]) {
			head->matched++;
			return SCAN_MORE;
		}
		/* fallthrough */
	case HTTP_FIELD_NAME:
		if (byte == ':')
			return go(head, HTTP_FIELD_VALUE);
		return go_if(ascii_is_token(byte), head, HTTP_FIELD_NAME);
	default: /* HTTP_FIELD_VALUE */
		if (byte == '\n')
			return go(head, HTTP_FIELD_START);
		return byte != '\0' ? SCAN_MORE : SCAN_NONE;
	}
}

/* The value of Host: a name, perhaps a port, white space around both. */
static enum scan
host_byte(
    struct http_request_head *head, unsigned char byte, struct host_name *name)
{
	if (byte == '\n')
		return go_if(name_set(head, name), head, HTTP_FIELD_START);
	if (ascii_is_blank(byte) && head->place == HTTP_HOST_START)
		return SCAN_MORE;
	if (ascii_is_blank(byte))
		return go(head, HTTP_HOST_END);
	switch (head->place) {
	case HTTP_HOST_START:
		go(head, HTTP_HOST);
		/* fallthrough */
	case HTTP_HOST:
		if (byte == ':')
			return go(head, HTTP_HOST_PORT);
		return name_byte(head, byte);
	case HTTP_HOST_PORT:
		return ascii_is_digit(byte) ? SCAN_MORE : SCAN_NONE;
	default: /* HTTP_HOST_END */
		return SCAN_NONE;
	}
}

static enum scan
place_byte(
    struct http_request_head *head, unsigned char byte, struct host_name *name)
{
	switch (head->place) {
	case HTTP_START:
	case HTTP_METHOD:
		return method_byte(head, byte);
	case HTTP_TARGET_START:
	case HTTP_SCHEME:
	case HTTP_SCHEME_COLON:
	case HTTP_SCHEME_SLASH:
	case HTTP_TARGET:
		return target_byte(head, byte);
	case HTTP_AUTHORITY:
	case HTTP_AUTHORITY_PORT:
		return authority_byte(head, byte, name);
	case HTTP_VERSION:
	case HTTP_VERSION_END:
		return version_byte(head, byte, name);
	case HTTP_FIELD_START:
	case HTTP_FIELD_NAME_HOST:
	case HTTP_FIELD_NAME:
	case HTTP_FIELD_VALUE:
		return field_byte(head, byte, name);
	default:
		return host_byte(head, byte, name);
	}
}

static bool
line_may_end(enum http_place place)
{
	return place == HTTP_START || place == HTTP_VERSION_END ||
	    place == HTTP_FIELD_START || place >= HTTP_FIELD_VALUE;
}

/* CR LF is as LF alone: a CR only asks for the LF. */
static enum scan
head_byte(
    struct http_request_head *head, unsigned char byte, struct host_name *name)
{
	if (head->after_cr && byte != '\n')
		return SCAN_NONE;
	head->after_cr = byte == '\r';
	if (head->after_cr)
		return line_may_end(head->place) ? SCAN_MORE : SCAN_NONE;
	return place_byte(head, byte, name);
}

void
http_request_head_init(struct http_request_head *head)
{
	memset(head, 0, sizeof *head);
	head->place = HTTP_START;
}

enum scan
http_request_head_scan(
    struct http_request_head *head, struct span fresh, struct host_name *name)
{
	enum scan verdict = SCAN_MORE;

	for (size_t i = 0; i < fresh.length && verdict == SCAN_MORE; i++)
		verdict = head_byte(head, fresh.bytes[i], name);
	return verdict;
}

bool
http_request_head_is_doubtful(const struct http_request_head *head)
{
	return head->place == HTTP_START ||
	    (head->place == HTTP_METHOD && head->has_small_letters);
}
