/* SPDX-License-Identifier: MIT */
#include "protocol/challenges.h"

#include <string.h>

#include "base/ascii.h"

static struct span
next_scheme(struct span *schemes)
{
	const unsigned char *comma =
	    memchr(schemes->bytes, ',', schemes->length);
	struct span scheme = *schemes;

	if (comma != NULL)
		scheme.length = (size_t)(comma - schemes->bytes);
	*schemes =
	    span_after(*schemes, scheme.length + (comma != NULL ? 1 : 0));
	return scheme;
}

static bool
is_known(const struct challenges *challenges, struct span word)
{
	struct span schemes = span_of(challenges->schemes, challenges->length);

	while (schemes.length > 0) {
		if (ascii_compare(next_scheme(&schemes), word) == 0)
			return true;
	}
	return false;
}

static void
add_scheme(struct challenges *challenges)
{
	struct span word = span_of(challenges->word, challenges->word_length);
	size_t comma = challenges->length > 0;

	if (word.length == 0 || word.length > sizeof challenges->word)
		return;
	challenges->has_basic |= ascii_spells(word, "basic");
	if (is_known(challenges, word) ||
	    comma + word.length >
		sizeof challenges->schemes - challenges->length)
		return;
	if (comma)
		challenges->schemes[challenges->length++] = ',';
	memcpy(
	    challenges->schemes + challenges->length, word.bytes, word.length);
	challenges->length = (unsigned char)(challenges->length + word.length);
}

/* A word that ends where nothing makes it the name of a parameter. */
static void
end_word(struct challenges *challenges, enum challenges_place place)
{
	add_scheme(challenges);
	challenges->word_length = 0;
	challenges->place = place;
}

static void
drop_word(struct challenges *challenges, enum challenges_place place)
{
	challenges->word_length = 0;
	challenges->place = place;
}

static void
rest_byte(struct challenges *challenges, unsigned char byte)
{
	if (byte == ',')
		challenges->place = CHALLENGES_ELEMENT;
	else
		challenges->place =
		    byte == '"' ? CHALLENGES_QUOTED : CHALLENGES_REST;
}

static void
word_byte(struct challenges *challenges, unsigned char byte)
{
	if (ascii_is_token(byte)) {
		if (challenges->word_length < sizeof challenges->word)
			challenges->word[challenges->word_length] = (char)byte;
		if (challenges->word_length <= sizeof challenges->word)
			challenges->word_length++;
		challenges->place = CHALLENGES_WORD;
	} else if (byte == ',') {
		end_word(challenges, CHALLENGES_ELEMENT);
	} else if (ascii_is_blank(byte)) {
		challenges->place = CHALLENGES_WORD_BLANK;
	} else {
		drop_word(challenges, CHALLENGES_REST);
		rest_byte(challenges, byte);
	}
}

/* Behind a blank an equals sign makes the word a parameter's name; anything
 * else begins what a scheme says. */
static void
word_blank_byte(struct challenges *challenges, unsigned char byte)
{
	if (ascii_is_blank(byte))
		return;
	if (byte == '=') {
		drop_word(challenges, CHALLENGES_REST);
		return;
	}
	end_word(challenges, CHALLENGES_REST);
	rest_byte(challenges, byte);
}

static void
quoted_byte(struct challenges *challenges, unsigned char byte)
{
	if (challenges->place == CHALLENGES_ESCAPED)
		challenges->place = CHALLENGES_QUOTED;
	else if (byte == '\\')
		challenges->place = CHALLENGES_ESCAPED;
	else if (byte == '"')
		challenges->place = CHALLENGES_REST;
}

static void
challenge_byte(struct challenges *challenges, unsigned char byte)
{
	switch (challenges->place) {
	case CHALLENGES_ELEMENT:
		if (!ascii_is_blank(byte))
			word_byte(challenges, byte);
		break;
	case CHALLENGES_WORD:
		word_byte(challenges, byte);
		break;
	case CHALLENGES_WORD_BLANK:
		word_blank_byte(challenges, byte);
		break;
	case CHALLENGES_REST:
		rest_byte(challenges, byte);
		break;
	default:
		quoted_byte(challenges, byte);
		break;
	}
}

void
challenges_read(struct challenges *challenges, struct span fresh)
{
	for (size_t i = 0; i < fresh.length; i++)
		challenge_byte(challenges, fresh.bytes[i]);
}

void
challenges_end_field(struct challenges *challenges)
{
	if (challenges->place == CHALLENGES_WORD ||
	    challenges->place == CHALLENGES_WORD_BLANK)
		add_scheme(challenges);
	drop_word(challenges, CHALLENGES_ELEMENT);
}
