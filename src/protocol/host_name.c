/* SPDX-License-Identifier: MIT */
#include "protocol/host_name.h"

#include <string.h>

#include "base/ascii.h"

#define LABEL_MAX_LENGTH 63

static bool
is_name_byte(unsigned char byte)
{
	return ascii_is_letter(byte) || ascii_is_digit(byte) || byte == '-' ||
	    byte == '_' || byte == '.';
}

bool
host_name_are_bytes(struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		if (!is_name_byte(bytes.bytes[i]))
			return false;
	}
	return true;
}

/* The label in front of the first dot. */
static struct span
first_label(struct span name)
{
	const unsigned char *dot = memchr(name.bytes, '.', name.length);

	if (dot == NULL)
		return name;
	return span_of(name.bytes, (size_t)(dot - name.bytes));
}

/* True if resolvers would take a name that ends in this label for an address:
 * 127.1, 2130706433 and 0x7f000001 are all the same host. */
static bool
is_number(struct span label)
{
	size_t digits = 0;

	if (label.length >= 2 && label.bytes[0] == '0' &&
	    ascii_lower(label.bytes[1]) == 'x')
		return true;
	while (digits < label.length && ascii_is_digit(label.bytes[digits]))
		digits++;
	return digits == label.length;
}

static bool
are_name_labels(struct span name)
{
	for (;;) {
		struct span label = first_label(name);

		if (label.length == 0 || label.length > LABEL_MAX_LENGTH)
			return false;
		if (label.length == name.length)
			return !is_number(label) &&
			    !ascii_spells(label, "localhost");
		name = span_after(name, label.length + 1);
	}
}

bool
host_name_parse(struct host_name *name, struct span raw)
{
	if (raw.length > 0 && raw.bytes[raw.length - 1] == '.')
		raw.length--;
	if (raw.length == 0 || raw.length > HOST_NAME_MAX_LENGTH)
		return false;
	if (!host_name_are_bytes(raw) || !are_name_labels(raw))
		return false;
	memcpy(name->text, raw.bytes, raw.length);
	name->text[raw.length] = '\0';
	name->length = (unsigned char)raw.length;
	return true;
}

bool
host_name_collect(struct host_name_pieces *pieces, struct span piece)
{
	if (piece.length > sizeof pieces->bytes - pieces->length)
		return false;
	if (!host_name_are_bytes(piece))
		return false;
	memcpy(pieces->bytes + pieces->length, piece.bytes, piece.length);
	pieces->length = (unsigned char)(pieces->length + piece.length);
	return true;
}
