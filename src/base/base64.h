/* SPDX-License-Identifier: MIT */
/* base64.h - encodes bytes as RFC 4648 4 has it, with padding.
 * Any process. Pure. */

#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

#include "base/span.h"

/* The number of characters for so many bytes; the result is not terminated. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/* out has room for BASE64_LENGTH(in.length) bytes, which is returned. */
size_t base64_encode(char *out, struct span in);

#endif
