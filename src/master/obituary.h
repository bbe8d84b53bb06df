/* obituary.h - says how a child ended and what was lost with it. Master
 * only. */

#ifndef OBITUARY_H
#define OBITUARY_H

#include <stdbool.h>

#include "master/child.h"

/* `status` is waitpid(2)'s. True if it should not have died. */
bool obituary_write(const struct child *child, int status, int64_t now_ms);

#endif
