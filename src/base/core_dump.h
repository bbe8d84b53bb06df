/* SPDX-License-Identifier: MIT */
/* core_dump.h - keeps credentials and the bytes of clients in memory. Any
 * process. */

#ifndef CORE_DUMP_H
#define CORE_DUMP_H

/* From now on neither this process nor its children leave a core, and no other
 * process of the same user looks into them: prctl(2), PR_SET_DUMPABLE. */
void core_dump_forbid(void);

#endif
