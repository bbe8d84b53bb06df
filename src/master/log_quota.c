/* SPDX-License-Identifier: MIT */
#include "master/log_quota.h"

/* Thousandths of a byte, so that no time is lost by rounding. */
enum { FINE = 1000 };

void
log_quota_init(struct log_quota *quota, int64_t now_ms)
{
	*quota = (struct log_quota){
		.always = { (int64_t)LOG_QUOTA_BURST * FINE, now_ms },
		.info = { (int64_t)LOG_QUOTA_INFO_BURST * FINE, now_ms },
	};
}

static void
fill(struct log_bucket *bucket, int64_t burst, int64_t bytes_a_second,
    int64_t now_ms)
{
	int64_t full = burst * FINE;
	int64_t passed_ms = now_ms - bucket->filled_ms;

	bucket->filled_ms = now_ms;
	if (passed_ms > (full - bucket->room) / bytes_a_second)
		bucket->room = full;
	else
		bucket->room += passed_ms * bytes_a_second;
}

bool
log_quota_take(
    struct log_quota *quota, enum log_level level, size_t bytes, int64_t now_ms)
{
	struct log_bucket *bucket =
	    level <= LOG_LEVEL_NOTICE ? &quota->always : &quota->info;
	int64_t cost = (int64_t)bytes * FINE;

	fill(&quota->always, LOG_QUOTA_BURST, LOG_QUOTA_BYTES_A_SECOND, now_ms);
	fill(&quota->info, LOG_QUOTA_INFO_BURST, LOG_QUOTA_INFO_BYTES_A_SECOND,
	    now_ms);
	if (bucket->room < cost)
		return false;
	bucket->room -= cost;
	return true;
}
