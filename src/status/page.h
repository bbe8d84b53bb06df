/* SPDX-License-Identifier: MIT */
/* page.h - the status as a HTML document that needs no other resource and no
 * script: verdict, figures, plots, upstreams, failures, clients, workers. It
 * loads itself again every 5 seconds. Bytes of strangers are escaped. Status
 * process. Pure. */

#ifndef PAGE_H
#define PAGE_H

#include "ipc/snapshot.h"
#include "status/output.h"

void page_write(struct output *output, const struct snapshot *snapshot);

#endif
