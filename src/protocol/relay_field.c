/* SPDX-License-Identifier: MIT */
#include "protocol/relay_field.h"

#include <string.h>

#include "base/ascii.h"

#define LENGTH_MAX_DIGITS 18

static const struct {
	const char *name;
	enum relay_field field;
} table[] = {
	{ "content-length", RELAY_FIELD_CONTENT_LENGTH },
	{ "transfer-encoding", RELAY_FIELD_TRANSFER_ENCODING },
	{ "host", RELAY_FIELD_HOST },
	{ "connection", RELAY_FIELD_CONNECTION },
	{ "upgrade", RELAY_FIELD_UPGRADE },
	{ "proxy-connection", RELAY_FIELD_HOP },
	{ "keep-alive", RELAY_FIELD_HOP },
	{ "te", RELAY_FIELD_HOP },
	{ "http2-settings", RELAY_FIELD_HOP },
	{ "proxy-authorization", RELAY_FIELD_HOP },
};

enum relay_field
relay_field_of(struct span name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (ascii_spells(name, table[i].name))
			return table[i].field;
	}
	return RELAY_FIELD_PLAIN;
}

bool
relay_field_is_dropped(enum relay_field field)
{
	return field >= RELAY_FIELD_HOST;
}

bool
relay_field_element(struct span *list, struct span *element)
{
	const unsigned char *comma;

	if (list->length == 0)
		return false;
	comma = memchr(list->bytes, ',', list->length);
	if (comma == NULL) {
		*element = ascii_trim(*list);
		*list = span_after(*list, list->length);
		return true;
	}
	*element = span_of(list->bytes, (size_t)(comma - list->bytes));
	*list = span_after(*list, element->length + 1);
	*element = ascii_trim(*element);
	return true;
}

static bool
length_take(struct relay_fields *fields, struct span value)
{
	if (fields->has_length || fields->is_chunked || value.length == 0 ||
	    value.length > LENGTH_MAX_DIGITS)
		return false;
	fields->has_length = true;
	for (size_t i = 0; i < value.length; i++) {
		if (!ascii_is_digit(value.bytes[i]))
			return false;
		fields->content_length =
		    fields->content_length * 10 + value.bytes[i] - '0';
	}
	return true;
}

static bool
coding_take(struct relay_fields *fields, struct span value)
{
	if (fields->has_length || fields->is_chunked || fields->is_http_1_0)
		return false;
	fields->is_chunked = true;
	return ascii_spells(value, "chunked");
}

/* What is no token names no field. */
bool
relay_field_is_name(struct span element)
{
	for (size_t i = 0; i < element.length; i++) {
		if (!ascii_is_token(element.bytes[i]))
			return false;
	}
	return element.length > 0 &&
	    relay_field_of(element) == RELAY_FIELD_PLAIN;
}

static bool
connection_element_take(struct relay_fields *fields, struct span element)
{
	switch (relay_field_of(element)) {
	case RELAY_FIELD_HOST:
	case RELAY_FIELD_CONTENT_LENGTH:
	case RELAY_FIELD_TRANSFER_ENCODING:
		return false;
	case RELAY_FIELD_UPGRADE:
		fields->wants_upgrade = true;
		break;
	default:
		fields->named += relay_field_is_name(element);
		break;
	}
	return true;
}

static bool
connection_take(struct relay_fields *fields, struct span value)
{
	struct span element;

	while (relay_field_element(&value, &element)) {
		if (!connection_element_take(fields, element))
			return false;
	}
	return true;
}

static void
upgrade_take(struct relay_fields *fields, struct span value)
{
	struct span element;

	while (relay_field_element(&value, &element))
		fields->offers_upgrade |=
		    element.length > 0 && !ascii_spells(element, "h2c");
}

bool
relay_field_take(
    struct relay_fields *fields, enum relay_field field, struct span value)
{
	switch (field) {
	case RELAY_FIELD_CONTENT_LENGTH:
		return length_take(fields, value);
	case RELAY_FIELD_TRANSFER_ENCODING:
		return coding_take(fields, value);
	case RELAY_FIELD_CONNECTION:
		if (!connection_take(fields, value))
			return false;
		break;
	case RELAY_FIELD_UPGRADE:
		upgrade_take(fields, value);
		break;
	default:
		break;
	}
	return !fields->wants_upgrade || !fields->offers_upgrade;
}
