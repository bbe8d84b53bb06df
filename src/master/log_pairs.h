/* SPDX-License-Identifier: MIT */
/* log_pairs.h - finds the key=value pairs that end the words of a line, as
 * text_pair() and text_quote() write them. Pure. The master and the writer of
 * the log file. */

#ifndef LOG_PAIRS_H
#define LOG_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/span.h"

enum { LOG_PAIRS_MAX = 64 };

struct log_pair {
	struct span key, value; /* within the words */
	bool is_quoted; /* the value has escapes, and its quotes are left out */
};

struct log_pairs {
	struct span message; /* the words before the first pair */
	unsigned count;
	struct log_pair list[LOG_PAIRS_MAX];
};

/* Keys differ, and none is `time`, `level`, `process` or `message`: a word that
 * looks like such a pair is part of the message, as are all before it. The last
 * value may lack its quote at the end. The words may be any bytes. */
void log_pairs_find(struct log_pairs *pairs, struct span words);

/* The bytes that the value had before it was quoted. The result points into the
 * buffer or to the value itself. */
struct span log_pair_value(
    const struct log_pair *pair, unsigned char buffer[LOG_WORDS_SIZE]);

bool log_pairs_key_is(struct span key, const char *name);

#endif
