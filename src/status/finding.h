/* SPDX-License-Identifier: MIT */
/* finding.h - one thing that is wrong, in words; a verdict is a list of them.
 * Status process, -top. Pure. */

#ifndef FINDING_H
#define FINDING_H

#include "ipc/snapshot.h"

enum severity {
	SEVERITY_WELL,
	SEVERITY_WARNING, /* look at it by day */
	SEVERITY_BAD, /* connections fail or wait */
};

/* "ok", "warning", "bad". */
const char *severity_name(enum severity severity);

/* Of each upstream, of how slow they are, and of each other kind. */
enum { FINDING_SIZE = 512, FINDINGS_MAX = SNAPSHOT_UPSTREAMS + 9 };

/* Bytes of strangers in them are not escaped. */
struct finding {
	enum severity severity;
	char words[FINDING_SIZE]; /* "slow: answers take 1.6 s, ..." */
	char more[FINDING_SIZE]; /* which, since when, what to do */
};

struct verdict {
	unsigned count; /* 1 at least; the first is the verdict */
	struct finding findings[FINDINGS_MAX];
};

/* Without words. */
struct finding *verdict_add(struct verdict *verdict, enum severity severity);

/* Append to words or more; what does not fit is cut. */
void finding_say(char text[FINDING_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "13:52:07 UTC (14 min)". */
void finding_say_time(
    char text[FINDING_SIZE], const struct snapshot *snapshot, int64_t time);

#endif
