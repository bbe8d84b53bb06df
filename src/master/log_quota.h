/* SPDX-License-Identifier: MIT */
/* log_quota.h - how much a child may log: a child that was taken over must not
 * fill the disk. A bucket of bytes that is filled again with time, for what is
 * always logged, and another one for what the administrator has to ask for: it
 * may be a line for each connection. Pure. Master only. */

#ifndef LOG_QUOTA_H
#define LOG_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

/* At most 700 MB a day, and 11 GB at -log-level info or debug. */
enum {
	LOG_QUOTA_BURST = 512 * 1024,
	LOG_QUOTA_BYTES_A_SECOND = 8 * 1024,
	LOG_QUOTA_INFO_BURST = 4 * 1024 * 1024,
	LOG_QUOTA_INFO_BYTES_A_SECOND = 128 * 1024,
};

struct log_quota {
	struct log_bucket {
		int64_t room; /* for lines, in thousandths of a byte */
		int64_t filled_ms;
	} always, info;
	unsigned dropped; /* lines that found their bucket empty */
};

/* Both buckets are full. */
void log_quota_init(struct log_quota *quota, int64_t now_ms);

/* Whether a line of so many bytes may be logged now. */
bool log_quota_take(struct log_quota *quota, enum log_level level, size_t bytes,
    int64_t now_ms);

#endif
