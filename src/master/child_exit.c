/* SPDX-License-Identifier: MIT */
#include "master/child_exit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/text.h"

/* SIGSYS is what the filter of system calls sends. Where not one client was
 * accepted, the filter may not suit this machine's libc. */
static void
append_cause(struct text *line, const struct child *child, int status)
{
	if (!WIFSIGNALED(status)) {
		text_format(line, "exited with status %d", WEXITSTATUS(status));
		return;
	}
	if (WTERMSIG(status) != SIGSYS) {
		text_format(line, "died of signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
		return;
	}
	text_append(line, "was killed by its sandbox");
	if (child->counters != NULL &&
	    counter_read(&child->counters->accepted) == 0)
		text_append(line, ", -sandbox off may help");
}

void
child_exit_log(const struct child *child, int status, int64_t now_ms)
{
	int64_t uptime_ms = now_ms - child->started_ms;
	char name[CHILD_NAME_SIZE], words[256];
	struct text line = text_in(words, sizeof words);

	if (!child_death_counts(child, status)) {
		log_debug("%s has ended pid=%d", child_name(child, name),
		    (int)child->pid);
		return;
	}
	text_format(&line, "%s ", child_name(child, name));
	append_cause(&line, child, status);
	text_format(&line, " after %lld.%03d s", (long long)(uptime_ms / 1000),
	    (int)(uptime_ms % 1000));
	if (child->counters != NULL)
		text_format(&line, ", %u connections lost",
		    (unsigned)counter_now(&child->counters->open));
	log_error("%s pid=%d", words, (int)child->pid);
}
