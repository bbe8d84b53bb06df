/* SPDX-License-Identifier: MIT */
#include "protocol/request_body.h"

#include <stdbool.h>

#include "base/ascii.h"

#define SIZE_MAX_DIGITS 15

static enum body_verdict
go(struct request_body *body, enum body_place place)
{
	body->place = place;
	return BODY_MORE;
}

static enum body_verdict
go_if(bool right, struct request_body *body, enum body_place place)
{
	return right ? go(body, place) : BODY_MALFORMED;
}

static enum body_verdict
chunk_begin(struct request_body *body)
{
	*body = (struct request_body){ .place = BODY_SIZE };
	return BODY_MORE;
}

static enum body_verdict
size_byte(struct request_body *body, unsigned char byte)
{
	int digit = ascii_hex_value(byte);

	if (digit == -1) {
		if (byte == '\r')
			return go_if(body->digits > 0, body, BODY_SIZE_LF);
		if (byte == ';')
			return go_if(body->digits > 0, body, BODY_EXTENSION);
		return go_if(body->digits > 0 && ascii_is_blank(byte), body,
		    BODY_SIZE_BLANK);
	}
	if (++body->digits > SIZE_MAX_DIGITS)
		return BODY_MALFORMED;
	body->left = body->left << 4 | (unsigned)digit;
	return BODY_MORE;
}

/* The line of a chunk behind its size. */
static enum body_verdict
extension_byte(struct request_body *body, unsigned char byte)
{
	switch (body->place) {
	case BODY_SIZE_BLANK:
		if (ascii_is_blank(byte))
			return BODY_MORE;
		return go_if(byte == ';', body, BODY_EXTENSION);
	case BODY_EXTENSION:
		if (byte == '\r')
			return go(body, BODY_SIZE_LF);
		return go_if(byte == '\t' || !ascii_is_control(byte), body,
		    BODY_EXTENSION);
	default: /* BODY_SIZE_LF */
		body->line_bytes = 0;
		return go_if(byte == '\n', body,
		    body->left > 0 ? BODY_DATA : BODY_TRAILER);
	}
}

static enum body_verdict
trailer_byte(struct request_body *body, unsigned char byte)
{
	switch (body->place) {
	case BODY_TRAILER:
		if (byte == '\r')
			return go(body, BODY_LAST_LF);
		return go_if(ascii_is_token(byte), body, BODY_TRAILER_NAME);
	case BODY_TRAILER_NAME:
		if (byte == ':')
			return go(body, BODY_TRAILER_VALUE);
		return go_if(ascii_is_token(byte), body, BODY_TRAILER_NAME);
	case BODY_TRAILER_VALUE:
		if (byte == '\r')
			return go(body, BODY_TRAILER_LF);
		return go_if(byte == '\t' || !ascii_is_control(byte), body,
		    BODY_TRAILER_VALUE);
	case BODY_TRAILER_LF:
		return go_if(byte == '\n', body, BODY_TRAILER);
	default: /* BODY_LAST_LF */
		return byte == '\n' ? BODY_END : BODY_MALFORMED;
	}
}

static enum body_verdict
place_byte(struct request_body *body, unsigned char byte)
{
	switch (body->place) {
	case BODY_SIZE:
		return size_byte(body, byte);
	case BODY_DATA_CR:
		return go_if(byte == '\r', body, BODY_DATA_LF);
	case BODY_DATA_LF:
		return byte == '\n' ? chunk_begin(body) : BODY_MALFORMED;
	case BODY_SIZE_BLANK:
	case BODY_EXTENSION:
	case BODY_SIZE_LF:
		return extension_byte(body, byte);
	default:
		return trailer_byte(body, byte);
	}
}

/* Lines are bounded, their ends not counted. */
static bool
is_within_bounds(struct request_body *body, unsigned char byte)
{
	if (byte == '\r' || byte == '\n')
		return true;
	body->line_bytes++;
	return body->line_bytes <= (body->place < BODY_TRAILER
					   ? REQUEST_BODY_LINE_BYTES
					   : REQUEST_BODY_TRAILER_BYTES);
}

struct request_body
request_body_plain(uint64_t length)
{
	return (struct request_body){ .place = BODY_PLAIN, .left = length };
}

struct request_body
request_body_chunked(void)
{
	return (struct request_body){ .place = BODY_SIZE };
}

uint64_t
request_body_data_left(const struct request_body *body)
{
	return body->place == BODY_PLAIN || body->place == BODY_DATA
	    ? body->left
	    : 0;
}

enum body_verdict
request_body_skip(struct request_body *body, uint64_t count)
{
	body->left -= count;
	if (body->left > 0)
		return BODY_MORE;
	if (body->place == BODY_PLAIN)
		return BODY_END;
	return go(body, BODY_DATA_CR);
}

enum body_verdict
request_body_count(struct request_body *body, struct span fresh, size_t *used)
{
	enum body_verdict verdict = BODY_MORE;
	uint64_t data;

	for (*used = 0; *used < fresh.length && verdict == BODY_MORE;) {
		data = request_body_data_left(body);
		if (data > fresh.length - *used)
			data = fresh.length - *used;
		if (data > 0) {
			verdict = request_body_skip(body, data);
			*used += (size_t)data;
			continue;
		}
		verdict = is_within_bounds(body, fresh.bytes[*used])
		    ? place_byte(body, fresh.bytes[*used])
		    : BODY_MALFORMED;
		(*used)++;
	}
	return verdict;
}
