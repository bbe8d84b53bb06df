#include "master/child.h"

#include <signal.h>
#include <stdio.h>

#include "base/log.h"

const char *
child_name(unsigned number, char name[CHILD_NAME_SIZE])
{
	if (number == CHILD_RESOLVER)
		snprintf(name, CHILD_NAME_SIZE, "resolver");
	else
		snprintf(name, CHILD_NAME_SIZE, "worker %u", number);
	return name;
}

bool
child_is_worker(const struct child *child)
{
	return child->number != CHILD_RESOLVER;
}

bool
child_tell(struct child *child, struct control_record record)
{
	return control_record_write(child->control_fd, &record) == 0;
}

void
child_kill(struct child *child)
{
	if (!child->was_killed)
		kill(child->pid, SIGKILL);
	child->was_killed = true;
}

void
child_kill_rogue(struct child *child)
{
	char name[CHILD_NAME_SIZE];

	log_error("%s wrote what none of ours writes, killed pid=%d",
	    child_name(child->number, name), (int)child->pid);
	child->sent_bad_message = true;
	child_kill(child);
}
