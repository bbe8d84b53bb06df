#include "master/totals.h"

#include "base/log.h"
#include "base/text.h"

void
totals_add(struct totals *totals, struct counters *counters, bool lives)
{
	totals->accepted += counter_read(&counters->accepted);
	totals->tunnelled += counter_read(&counters->tunnelled);
	totals->sent += counter_read(&counters->sent);
	totals->received += counter_read(&counters->received);
	totals->spliced += counter_read(&counters->spliced);
	for (unsigned i = 0; i < FAILURES; i++)
		totals->failed[i] += counter_read(&counters->failed[i]);
	if (lives)
		totals->open += counter_now(&counters->open);
}

static void
log_totals(const char *whose, const struct totals *totals)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	text_format(&line, "totals of %s", whose);
	text_format(&line, " accepted=%llu open=%llu tunnelled=%llu",
	    (unsigned long long)totals->accepted,
	    (unsigned long long)totals->open,
	    (unsigned long long)totals->tunnelled);
	for (unsigned i = 0; i < FAILURES; i++)
		text_format(&line, " %s=%llu", failure_name((enum failure)i),
		    (unsigned long long)totals->failed[i]);
	text_format(&line, " sent=%llu received=%llu spliced=%llu",
	    (unsigned long long)totals->sent,
	    (unsigned long long)totals->received,
	    (unsigned long long)totals->spliced);
	log_notice("%s", words);
}

void
totals_log(const struct children *children, const struct totals *dead_totals)
{
	struct totals all = *dead_totals;

	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		struct totals own = { .accepted = 0 };
		char name[CHILD_NAME_SIZE];

		if (child->counters == NULL)
			continue;
		totals_add(&own, child->counters, true);
		totals_add(&all, child->counters, true);
		log_totals(child_name(child, name), &own);
	}
	log_totals("all", &all);
}
