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

static enum connect_verdict
status_line_end(struct connect_response *response)
{
	if (response->status >= 300)
		return CONNECT_REFUSED;
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
	if (response->status >= 200)
		return CONNECT_OPEN;
	head_begin(response);
	return CONNECT_MORE;
}

static enum connect_verdict
field_byte(struct connect_response *response, unsigned char byte)
{
	switch (response->place) {
	case CONNECT_FIELD_START:
		if (byte == '\n')
			return head_end(response);
		if (byte == '\r')
			return go(response, CONNECT_HEAD_LF);
		if (byte == ' ' || byte == '\t') /* obs-fold */
			return go(response, CONNECT_FIELD_VALUE);
		if (byte == ':')
			return CONNECT_MALFORMED;
		return go(response, CONNECT_FIELD_NAME);
	case CONNECT_FIELD_NAME:
		if (byte == '\n')
			return CONNECT_MALFORMED;
		if (byte == ':')
			return go(response, CONNECT_FIELD_VALUE);
		return CONNECT_MORE;
	case CONNECT_FIELD_VALUE:
		if (byte == '\n')
			return go(response, CONNECT_FIELD_START);
		return CONNECT_MORE;
	default: /* CONNECT_HEAD_LF */
		return byte == '\n' ? head_end(response) : CONNECT_MALFORMED;
	}
}

static enum connect_verdict
response_byte(struct connect_response *response, unsigned char byte)
{
	enum connect_verdict verdict;

	response->length++;
	if (byte == '\0')
		return CONNECT_MALFORMED;
	if (response->place < CONNECT_FIELD_START)
		verdict = status_line_byte(response, byte);
	else
		verdict = field_byte(response, byte);
	if (verdict == CONNECT_MORE &&
	    response->length == CONNECT_RESPONSE_LIMIT_BYTES)
		return CONNECT_OVERSIZED;
	return verdict;
}

void
connect_response_init(struct connect_response *response)
{
	memset(response, 0, sizeof *response);
	head_begin(response);
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
