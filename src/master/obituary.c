#include "master/obituary.h"

#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/text.h"

static bool
is_expected(const struct child *child, int status)
{
	if (child->number == CHILD_RESOLVER)
		return child->was_killed;
	return child->state == CHILD_DRAINING && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
}

bool
obituary_write(const struct child *child, int status, int64_t now_ms)
{
	int64_t uptime_ms = now_ms - child->started_ms;
	char name[CHILD_NAME_SIZE], words[256];
	struct text line = text_in(words, sizeof words);

	if (is_expected(child, status)) {
		log_debug("%s (pid %d) has ended",
		    child_name(child->number, name), (int)child->pid);
		return false;
	}
	text_format(&line, "%s (pid %d) ", child_name(child->number, name),
	    (int)child->pid);
	if (WIFSIGNALED(status))
		text_format(&line, "died of signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		text_format(&line, "exited with status %d",
		    WEXITSTATUS(status));
	text_format(&line, " after %lld.%03d s", (long long)(uptime_ms / 1000),
	    (int)(uptime_ms % 1000));
	if (child->counters != NULL)
		text_format(&line, ", %u connections lost",
		    (unsigned)counter_now(&child->counters->open));
	log_error("%s", words);
	return true;
}
