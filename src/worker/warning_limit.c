/* SPDX-License-Identifier: MIT */
#include "worker/warning_limit.h"

#include "base/log.h"
#include "event/deadlines.h"

enum { GAIN_MS = 1000 };

void
warning_limit_init(struct warning_limit *limit, int64_t now_ms)
{
	*limit = (struct warning_limit){
		.tokens = WARNING_BURST,
		.gained_ms = now_ms,
	};
}

static void
gain(struct warning_limit *limit, int64_t now_ms)
{
	int64_t gained = (now_ms - limit->gained_ms) / GAIN_MS;

	if (gained <= 0)
		return;
	limit->gained_ms += gained * GAIN_MS;
	limit->tokens = gained >= WARNING_BURST - (int64_t)limit->tokens
	    ? WARNING_BURST
	    : limit->tokens + (unsigned)gained;
}

bool
warning_limit_take(struct warning_limit *limit, const char *words,
    int64_t now_ms, unsigned *left_out)
{
	gain(limit, now_ms);
	limit->words = words;
	if (limit->tokens == 0) {
		limit->left_out++;
		return false;
	}
	limit->tokens--;
	*left_out = limit->left_out;
	limit->left_out = 0;
	return true;
}

int64_t
warning_limit_due_ms(const struct warning_limit *limit)
{
	return limit->left_out > 0 ? limit->gained_ms + GAIN_MS
				   : DEADLINE_NEVER;
}

void
warning_limit_flush(struct warning_limit *limit, int64_t now_ms)
{
	if (limit->left_out == 0)
		return;
	gain(limit, now_ms);
	if (limit->tokens == 0)
		return;
	limit->tokens--;
	log_warning("%s: %u more, left out", limit->words, limit->left_out);
	limit->left_out = 0;
}
