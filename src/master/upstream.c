#include "master/upstream.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/text.h"

/* The resolver is asked once a second at most; one that has news more often
 * than that is not itself. */
enum { LOOKUP_PAUSE_MS = 1000, ANSWERS_MS = 1000, ANSWERS_MAX = 5 };

void
upstream_configure(struct supervisor *supervisor)
{
	const struct config_upstream *upstream = &supervisor->config.upstream;
	struct upstream_addresses *addresses = &supervisor->addresses;

	supervisor->upstream_generation++;
	memset(addresses, 0, sizeof *addresses);
	if (!address_parse(&addresses->list[0], upstream->host, upstream->port))
		return;
	address_unmap(&addresses->list[0]);
	addresses->count = 1;
}

bool
upstream_needs_resolver(const struct supervisor *supervisor)
{
	struct address address;

	return !address_parse(&address, supervisor->config.upstream.host, 0);
}

void
upstream_ask_resolver(struct supervisor *supervisor)
{
	struct child *resolver =
	    children_serving(&supervisor->children, CHILD_RESOLVER);

	if (!supervisor->lookup_wanted || resolver == NULL ||
	    supervisor->now_ms < supervisor->lookup_from_ms)
		return;
	if (!child_tell(
		resolver, (struct control_record){ .kind = CONTROL_LOOKUP }))
		return;
	supervisor->lookup_wanted = false;
	supervisor->lookup_from_ms = supervisor->now_ms + LOOKUP_PAUSE_MS;
}

void
upstream_lookup(struct supervisor *supervisor)
{
	supervisor->lookup_wanted = upstream_needs_resolver(supervisor);
	upstream_ask_resolver(supervisor);
}

void
upstream_tell(const struct supervisor *supervisor, struct child *worker)
{
	if (worker->upstream_generation == supervisor->upstream_generation &&
	    !worker->knows_addresses && supervisor->addresses.count > 0)
		worker->knows_addresses = child_tell(worker,
		    (struct control_record){ .kind = CONTROL_ADDRESSES,
			.addresses = supervisor->addresses });
}

/* Workers hear of them before the log's readers do. */
static void
use_addresses(
    struct supervisor *supervisor, const struct upstream_addresses *addresses)
{
	char words[512], text[ADDRESS_TEXT_SIZE];
	struct text line = text_in(words, sizeof words);

	for (unsigned i = 0; i < addresses->count; i++)
		text_pair(
		    &line, "upstream", address_text(&addresses->list[i], text));
	supervisor->addresses = *addresses;
	for (struct child *child = supervisor->children.first; child != NULL;
	     child = child->next) {
		child->knows_addresses = false;
		if (child_is_worker(child))
			upstream_tell(supervisor, child);
	}
	log_notice(
	    "the upstream %s is at%s", supervisor->config.upstream.host, words);
}

/* The host is the same, its addresses are known. */
static void
change_port(struct supervisor *supervisor, uint16_t port)
{
	struct upstream_addresses addresses = supervisor->addresses;

	supervisor->upstream_generation++;
	for (unsigned i = 0; i < addresses.count; i++)
		address_set_port(&addresses.list[i], port);
	if (addresses.count > 0)
		use_addresses(supervisor, &addresses);
}

void
upstream_change(
    struct supervisor *supervisor, const struct config_upstream *before)
{
	const struct config_upstream *now = &supervisor->config.upstream;
	bool same_host = strcmp(now->host, before->host) == 0;

	if (same_host && now->port == before->port)
		return;
	if (same_host && upstream_needs_resolver(supervisor))
		change_port(supervisor, now->port);
	else
		upstream_configure(supervisor);
}

static bool
has_address(
    const struct upstream_addresses *addresses, const struct address *wanted)
{
	for (unsigned i = 0; i < addresses->count; i++) {
		if (address_equal(&addresses->list[i], wanted))
			return true;
	}
	return false;
}

static bool
has_all(const struct upstream_addresses *addresses,
    const struct upstream_addresses *wanted)
{
	for (unsigned i = 0; i < wanted->count; i++) {
		if (!has_address(addresses, &wanted->list[i]))
			return false;
	}
	return true;
}

/* In whatever order: name servers like to rotate it, which is no news. */
static bool
are_the_same(
    const struct upstream_addresses *a, const struct upstream_addresses *b)
{
	return has_all(a, b) && has_all(b, a);
}

/* The port is ours to say, unless a reload has just changed it. */
static bool
are_plausible(const struct child *resolver, const struct supervisor *supervisor,
    const struct upstream_addresses *addresses)
{
	for (unsigned i = 0; i < addresses->count; i++) {
		if (resolver->generation == supervisor->generation &&
		    address_port(&addresses->list[i]) !=
			supervisor->config.upstream.port)
			return false;
	}
	return true;
}

static bool
admit_answer(struct supervisor *supervisor)
{
	if (supervisor->now_ms - supervisor->answers_since_ms >= ANSWERS_MS) {
		supervisor->answers_since_ms = supervisor->now_ms;
		supervisor->answers = 0;
	}
	return ++supervisor->answers <= ANSWERS_MAX;
}

void
upstream_take_answer(struct supervisor *supervisor, struct child *resolver)
{
	struct control_record record;
	int result = control_record_read(resolver->answer_fd, &record);

	if (result == -1 && errno == EAGAIN)
		return;
	if (result == 0 || (result == -1 && errno != EBADMSG)) {
		descriptor_close(&resolver->answer_fd);
		/* Its death is told of as any other, and its seat waits. */
		kill(resolver->pid, SIGKILL);
		return;
	}
	if (result == -1 || record.kind != CONTROL_ADDRESSES ||
	    !are_plausible(resolver, supervisor, &record.addresses)) {
		child_kill_rogue(resolver);
		descriptor_close(&resolver->answer_fd);
		return;
	}
	resolver->state = CHILD_SERVING;
	if (resolver->generation == supervisor->generation &&
	    !are_the_same(&record.addresses, &supervisor->addresses) &&
	    admit_answer(supervisor))
		use_addresses(supervisor, &record.addresses);
}
