/* SPDX-License-Identifier: MIT */
/* page_text.h - the status as plain text, for curl and for -top without a
 * terminal: what page.h has, in lines of 100 columns at most. ASCII; bytes of
 * strangers are escaped. Status process. Pure. */

#ifndef PAGE_TEXT_H
#define PAGE_TEXT_H

#include "ipc/snapshot.h"
#include "status/output.h"

void page_text_write(struct output *output, const struct snapshot *snapshot);

#endif
