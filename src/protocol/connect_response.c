/* SPDX-License-Identifier: MIT */
#include "protocol/connect_response.h"

#include <string.h>

#include "base/ascii.h"

/* How a status line begins; a zero stands for any digit. */
static const unsigned char pattern[] = "HTTP/1.0 000";
#define STATUS_AT (sizeof "HTTP/1.0 " - 1)

static enum connect_verdict
go(struct connect_response *response, enum connect_place place)
{
	response->place = place;
	return CONNECT_MORE;
}

static void
head_begin(struct connect_response *response)
{
	response->place = CONNECT_STATUS;
	response->matched = 0;
	response->status = 0;
	response->reason_length = 0;
}

static enum connect_verdict
status_byte(struct connect_response *response, unsigned char byte)
{
	unsigned char at = response->matched++;

	if (pattern[at] != '0')
		return byte == pattern[at] ? CONNECT_MORE : CONNECT_MALFORMED;
	if (!ascii_is_digit(byte))
		return CONNECT_MALFORMED;
	if (at < STATUS_AT)
		return CONNECT_MORE;
	if (at == STATUS_AT && byte == '0')
		return CONNECT_MALFORMED;
	response->status = response->status * 10 + byte - '0';
	if (response->matched == sizeof pattern - 1)
		return go(response, CONNECT_STATUS_END);
	return CONNECT_MORE;
}

bool
connect_response_is_final(const struct connect_response *response)
{
	return response->status >= 200 && response->place > CONNECT_STATUS;
}

bool
connect_response_is_challenge(const struct connect_response *response)
{
	return response->status == 401 || response->status == 407;
}

static enum connect_verdict
status_line_end(struct connect_response *response)
{
	if (!connect_response_is_challenge(response)) {
		if (response->is_relayed && response->status >= 200)
			return CONNECT_OPEN;
		if (response->status >= 300)
			return CONNECT_REFUSED;
	}
	return go(response, CONNECT_FIELD_START);
}

static enum connect_verdict
reason_byte(struct connect_response *response, unsigned char byte)
{
	if (response->reason_length < sizeof response->reason)
		response->reason[response->reason_length++] = (char)byte;
	return go(response, CONNECT_REASON);
}

static enum connect_verdict
status_line_byte(struct connect_response *response, unsigned char byte)
{
	if (response->place == CONNECT_STATUS)
		return status_byte(response, byte);
	if (byte == '\n')
		return status_line_end(response);
	if (response->place == CONNECT_STATUS_LINE_LF)
		return CONNECT_MALFORMED;
	if (byte == '\r')
		return go(response, CONNECT_STATUS_LINE_LF);
	if (response->place == CONNECT_REASON)
		return reason_byte(response, byte);
	return byte == ' ' ? go(response, CONNECT_REASON) : CONNECT_MALFORMED;
}

static enum connect_verdict
head_end(struct connect_response *response)
{
	if (response->status >= 300)
		return CONNECT_REFUSED;
	if (response->status >= 200)
		return CONNECT_OPEN;
	head_begin(response);
	if (response->is_relayed)
		response->length = 0;
	return CONNECT_MORE;
}

static enum connect_verdict
name_byte(struct connect_response *response, unsigned char byte)
{
	if (response->name_length < sizeof response->name)
		response->name[response->name_length] = (char)byte;
	if (response->name_length <= sizeof response->name)
		response->name_length++;
	return go(response, CONNECT_FIELD_NAME);
}

/* The field's value is a list of challenges, of the proxy or, from proxies
 * that say 401, of an origin. */
static bool
is_challenge_field(const struct connect_response *response)
{
	struct span name = span_of(response->name, response->name_length);

	return connect_response_is_challenge(response) &&
	    name.length <= sizeof response->name &&
	    (ascii_spells(name, "proxy-authenticate") ||
		ascii_spells(name, "www-authenticate"));
}

static enum connect_verdict
name_end(struct connect_response *response)
{
	if (is_challenge_field(response))
		return go(response, CONNECT_CHALLENGES);
	return go(response, CONNECT_FIELD_VALUE);
}

static enum connect_verdict
challenges_byte(struct connect_response *response, unsigned char byte)
{
	if (byte == '\n')
		return go(response, CONNECT_FIELD_START);
	if (byte != '\r')
		challenges_read(&response->challenges, span_of(&byte, 1));
	return CONNECT_MORE;
}

/* A line that begins with a blank goes on with the value of the field before
 * (obs-fold); the name of that field is still there. */
static enum connect_verdict
fold_byte(struct connect_response *response, unsigned char byte)
{
	name_end(response);
	if (response->place == CONNECT_CHALLENGES)
		return challenges_byte(response, byte);
	return CONNECT_MORE;
}

static enum connect_verdict
field_start_byte(struct connect_response *response, unsigned char byte)
{
	if (ascii_is_blank(byte))
		return fold_byte(response, byte);
	challenges_end_field(&response->challenges);
	response->name_length = 0;
	if (byte == '\n')
		return head_end(response);
	if (byte == '\r')
		return go(response, CONNECT_HEAD_LF);
	if (byte == ':')
		return CONNECT_MALFORMED;
	return name_byte(response, byte);
}

static enum connect_verdict
field_byte(struct connect_response *response, unsigned char byte)
{
	switch (response->place) {
	case CONNECT_FIELD_START:
		return field_start_byte(response, byte);
	case CONNECT_FIELD_NAME:
		if (byte == '\n')
			return CONNECT_MALFORMED;
		if (byte == ':')
			return name_end(response);
		return name_byte(response, byte);
	case CONNECT_FIELD_VALUE:
		if (byte == '\n')
			return go(response, CONNECT_FIELD_START);
		return CONNECT_MORE;
	case CONNECT_CHALLENGES:
		return challenges_byte(response, byte);
	default: /* CONNECT_HEAD_LF */
		return byte == '\n' ? head_end(response) : CONNECT_MALFORMED;
	}
}

/* What is wrong with a challenge's fields takes nothing from its status. */
static enum connect_verdict
head_fail(const struct connect_response *response, enum connect_verdict why)
{
	return connect_response_is_challenge(response) &&
		response->place >= CONNECT_FIELD_START
	    ? CONNECT_REFUSED
	    : why;
}

static enum connect_verdict
response_byte(struct connect_response *response, unsigned char byte)
{
	enum connect_verdict verdict;

	response->length++;
	if (byte == '\0')
		return head_fail(response, CONNECT_MALFORMED);
	if (response->place < CONNECT_FIELD_START)
		verdict = status_line_byte(response, byte);
	else
		verdict = field_byte(response, byte);
	if (verdict == CONNECT_MORE &&
	    response->length == CONNECT_RESPONSE_LIMIT_BYTES)
		return head_fail(response, CONNECT_OVERSIZED);
	if (verdict == CONNECT_MALFORMED)
		return head_fail(response, verdict);
	return verdict;
}

void
connect_response_init(struct connect_response *response)
{
	memset(response, 0, sizeof *response);
	head_begin(response);
}

void
connect_response_init_relayed(struct connect_response *response)
{
	connect_response_init(response);
	response->is_relayed = true;
}

enum connect_verdict
connect_response_parse(
    struct connect_response *response, struct span fresh, size_t *used)
{
	enum connect_verdict verdict = CONNECT_MORE;
	size_t i;

	for (i = 0; i < fresh.length && verdict == CONNECT_MORE; i++)
		verdict = response_byte(response, fresh.bytes[i]);
	*used = i;
	return verdict;
}
