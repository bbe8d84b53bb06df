/* SPDX-License-Identifier: MIT */
/* challenges.h - which schemes a 401 or 407 offers to authenticate by.
 * Pure: no system calls, no allocation. */

#ifndef CHALLENGES_H
#define CHALLENGES_H

#include <stdbool.h>

#include "base/span.h"

#define CHALLENGES_SIZE 128
#define CHALLENGES_SCHEME_SIZE 32

/* What the next byte of a field's value is part of, in the grammar's order. */
enum challenges_place {
	CHALLENGES_ELEMENT,
	CHALLENGES_WORD, /* a scheme, or a parameter's name */
	CHALLENGES_WORD_BLANK, /* behind it */
	CHALLENGES_REST, /* of the element: nothing of interest */
	CHALLENGES_QUOTED,
	CHALLENGES_ESCAPED,
};

/* All bytes 0: no challenge. */
struct challenges {
	enum challenges_place place;
	unsigned char word_length; /* above the room: too long to be one */
	char word[CHALLENGES_SCHEME_SIZE];

	bool has_basic;
	unsigned char length;
	/* As the proxy spells them, each once, with a comma between them; those
	 * that do not fit are left out. Letters, digits and signs of a token;
	 * not terminated. */
	char schemes[CHALLENGES_SIZE];
};

/* Reads the next bytes of the value of WWW-Authenticate or Proxy-Authenticate
 * (RFC 9110 11.6.1, 11.7.1). A scheme counts once the byte behind it has come.
 */
void challenges_read(struct challenges *challenges, struct span fresh);

/* The field has ended; another may come. */
void challenges_end_field(struct challenges *challenges);

#endif
