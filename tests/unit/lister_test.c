/* SPDX-License-Identifier: MIT */
/* lister_test.c - a worker's list of its connections: few a turn, the best by
 * an order, rates by samples, and memory that goes back. */

#include "worker/lister.h"

#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "check.h"
#include "ipc/master_pipe.h"
#include "worker/connection.h"
#include "worker/worker.h"

enum { CONNECTIONS = 300, OWN_LIST = 3, TURN = 64, BEGIN_MS = 100000 };

static struct config config;
static struct worker worker;
static struct connection connections[CONNECTIONS];
static struct shared_area area;
static int messages_fd = -1, master_fd = -1;

static void
add(unsigned i, int64_t started_ms)
{
	struct connection *connection = &connections[i];

	memset(connection, 0, sizeof *connection);
	connection->state = CONNECTION_TUNNELLING;
	connection->started_ms = connection->active_ms = started_ms;
	address_parse(&connection->client, "10.0.0.5", (uint16_t)(1000 + i));
	address_parse(&connection->destination, "93.184.216.34", 443);
	address_parse(&connection->upstream, "10.1.0.2", 3128);
	CHECK(deadlines_reserve(&worker.deadlines) == 0);
	deadlines_add(&worker.deadlines, &connection->deadline, 1000 - i);
}

/* Connection i began i ms after the first. */
static void
begin(unsigned count)
{
	static struct log_counts counts;
	struct shared_area own;

	lister_clear(&worker.lister);
	deadlines_clear(&worker.deadlines);
	shared_area_unmap(&area);
	CHECK(tunnel_lists_map(&area) == 0);
	own = area;
	memset(&worker, 0, sizeof worker);
	worker.config = &config;
	worker.now_ms = BEGIN_MS;
	lister_init(&worker.lister, tunnel_lists_take(&own, OWN_LIST));
	area.writable = NULL;
	for (unsigned i = 0; i < count; i++)
		add(i, BEGIN_MS - 1000 + i);
	descriptor_close(&messages_fd);
	descriptor_close(&master_fd);
	CHECK(descriptor_pipe(&messages_fd, &master_fd) == 0);
	master_pipe_open(master_fd, LOG_LEVEL_ERROR, &counts);
}

static void
ask(uint32_t number, uint32_t limit, enum tunnel_order order)
{
	const struct tunnel_request request = { number, limit, order };

	lister_ask(&worker, &request);
}

/* Turns until the time; how many there were. */
static unsigned
run_to(int64_t ms)
{
	unsigned turns = 0;

	while (worker.lister.due_ms <= BEGIN_MS + ms) {
		if (worker.lister.due_ms > worker.now_ms)
			worker.now_ms = worker.lister.due_ms;
		lister_run(&worker);
		turns++;
	}
	worker.now_ms = BEGIN_MS + ms;
	return turns;
}

/* The next answer in the pipe; number 0: there is none. */
static struct tunnel_answer
next_answer(void)
{
	static struct message_reader reader;
	struct message message;

	reader.length = 0;
	if (message_fill(&reader, messages_fd) != 1)
		return (struct tunnel_answer){ .number = 0 };
	CHECK(message_next(&reader, MESSAGE_UP, &message) == MESSAGE_WHOLE);
	CHECK(message.kind == MESSAGE_LISTED && reader.length == 0);
	return message.listed;
}

static unsigned
index_of(const struct tunnel *tunnel)
{
	unsigned port = 0;

	CHECK(sscanf(tunnel->client, "10.0.0.5:%u", &port) == 1);
	return port - 1000;
}

static struct tunnel
read_slot(unsigned slot)
{
	struct tunnel tunnel = { .age_ms = 0 };

	CHECK(tunnel_list_read(&area, OWN_LIST, slot, &tunnel));
	return tunnel;
}

static void
the_oldest_are_listed_after_a_second_of_samples(void)
{
	bool listed[CONNECTIONS] = { false };

	begin(CONNECTIONS);
	ask(7, 10, TUNNELS_BY_AGE);
	run_to(999);
	CHECK(next_answer().number == 0);
	run_to(1001);
	CHECK(next_answer().number == 7);
	CHECK(worker.lister.ranking.count == 10);
	for (unsigned slot = 0; slot < 10; slot++) {
		struct tunnel tunnel = read_slot(slot);
		unsigned i = index_of(&tunnel);

		CHECK(i < 10 && !listed[i]);
		listed[i] = true;
		CHECK(tunnel.age_ms == 2000 - i);
		CHECK(strcmp(tunnel.destination, "93.184.216.34:443") == 0);
		CHECK(strcmp(tunnel.upstream, "10.1.0.2:3128") == 0);
		CHECK(tunnel.host[0] == '\0' && tunnel.mode == TUNNEL_CONNECT);
		CHECK(tunnel.state == 6); /* tunnelling */
	}
}

static void
few_are_looked_at_in_a_turn(void)
{
	unsigned turns = 0, before = 0;

	begin(CONNECTIONS);
	ask(1, 1, TUNNELS_BY_RATE);
	while (worker.lister.state == LISTER_SAMPLING) {
		lister_run(&worker);
		CHECK(worker.lister.now.count - before <= TURN);
		before = worker.lister.now.count;
		turns++;
	}
	CHECK(before == CONNECTIONS);
	CHECK(turns >= 2 * (CONNECTIONS / TURN));
}

static void
rates_are_by_the_last_sample(void)
{
	struct tunnel tunnel;

	begin(CONNECTIONS);
	ask(1, 2, TUNNELS_BY_RATE);
	run_to(0);
	connections[5].flows[CLIENT].moved_bytes = 3000;
	connections[9].flows[UPSTREAM].moved_bytes = 2000;
	connections[9].flows[CLIENT].moved_bytes = 1001;
	run_to(1000);
	CHECK(next_answer().count == 2);
	for (unsigned slot = 0; slot < 2; slot++) {
		tunnel = read_slot(slot);
		CHECK(
		    tunnel.sent_rate == (index_of(&tunnel) == 5 ? 3000 : 1001));
		CHECK(tunnel.received_rate ==
		    (index_of(&tunnel) == 5 ? 0 : 2000));
	}
	/* That list was a sample, too. */
	connections[5].flows[CLIENT].moved_bytes += 1000;
	worker.now_ms = BEGIN_MS + 1500;
	ask(2, 1, TUNNELS_BY_RATE);
	run_to(1500);
	CHECK(next_answer().number == 2);
	tunnel = read_slot(0);
	CHECK(index_of(&tunnel) == 5 && tunnel.sent_rate == 2000);
	CHECK(tunnel.sent == 4000);
}

static void
samples_that_are_too_young_become_older(void)
{
	begin(10);
	ask(1, 10, TUNNELS_BY_RATE);
	run_to(1000);
	CHECK(next_answer().number == 1);
	run_to(1100);
	ask(2, 10, TUNNELS_BY_RATE);
	run_to(1499);
	CHECK(next_answer().number == 0);
	run_to(1500);
	CHECK(next_answer().number == 2);
}

static void
samples_that_are_too_old_are_taken_anew(void)
{
	begin(10);
	ask(1, 10, TUNNELS_BY_RATE);
	run_to(1000);
	CHECK(next_answer().number == 1);
	run_to(5800);
	connections[3].flows[CLIENT].moved_bytes = 4800;
	ask(2, 10, TUNNELS_BY_RATE);
	run_to(6700);
	CHECK(next_answer().number == 0);
	run_to(6800);
	CHECK(next_answer().number == 2);
	for (unsigned slot = 0; slot < 10; slot++)
		CHECK(read_slot(slot).sent_rate == 0);
}

/* What has begun since is rated by its begin. */
static void
a_connection_without_a_sample_is_listed_too(void)
{
	struct tunnel tunnel;

	begin(10);
	ask(1, 1, TUNNELS_BY_RATE);
	run_to(0);
	add(200, BEGIN_MS + 200);
	connections[200].flows[UPSTREAM].moved_bytes = 8000;
	connections[3].flows[UPSTREAM].moved_bytes = 9000;
	run_to(1000);
	CHECK(next_answer().number == 1);
	tunnel = read_slot(0);
	CHECK(index_of(&tunnel) == 200 && tunnel.received_rate == 10000);
}

/* The heap is another after each turn. */
static void
none_is_listed_twice_though_the_heap_moves(void)
{
	bool listed[CONNECTIONS] = { false };
	uint64_t random = 1;
	struct tunnel_answer answer;

	begin(CONNECTIONS);
	ask(1, CONNECTIONS, TUNNELS_BY_BYTES);
	while (worker.lister.state != LISTER_IDLE) {
		for (unsigned i = 0; i < 5; i++) {
			random = random * 6364136223846793005U + 1;
			deadlines_move(&worker.deadlines,
			    &connections[(random >> 33) % CONNECTIONS].deadline,
			    (int64_t)(random >> 50));
		}
		if (worker.lister.due_ms > worker.now_ms)
			worker.now_ms = worker.lister.due_ms;
		lister_run(&worker);
	}
	answer = next_answer();
	CHECK(answer.count > CONNECTIONS / 10 * 9);
	for (unsigned slot = 0; slot < answer.count; slot++) {
		struct tunnel tunnel = read_slot(slot);

		CHECK(!listed[index_of(&tunnel)]);
		listed[index_of(&tunnel)] = true;
	}
}

/* Memory of a connection that has ended serves the next one. */
static void
an_ended_connection_leaves_nothing_to_its_successor(void)
{
	struct tunnel tunnel;

	begin(3);
	connections[1].flows[CLIENT].moved_bytes = 1 << 30;
	ask(1, 3, TUNNELS_BY_RATE);
	run_to(0);
	deadlines_remove(&worker.deadlines, &connections[1].deadline);
	add(1, BEGIN_MS + 500);
	connections[1].flows[CLIENT].moved_bytes = 500;
	run_to(1000);
	CHECK(next_answer().count == 3);
	for (unsigned slot = 0; slot < 3; slot++) {
		tunnel = read_slot(slot);
		CHECK(tunnel.sent_rate == (index_of(&tunnel) == 1 ? 1000 : 0));
	}
}

static void
a_request_meanwhile_is_the_next(void)
{
	begin(CONNECTIONS);
	ask(1, 10, TUNNELS_BY_RATE);
	ask(2, 10, TUNNELS_BY_RATE); /* in its place: nothing is listed yet */
	while (worker.lister.state != LISTER_LISTING) {
		worker.now_ms = worker.lister.due_ms;
		lister_run(&worker);
	}
	ask(3, 10, TUNNELS_BY_RATE);
	ask(4, 20, TUNNELS_BY_AGE);
	run_to(1000);
	CHECK(next_answer().number == 2);
	run_to(1500);
	CHECK(next_answer().number == 4);
	CHECK(worker.lister.ranking.count == 20);
}

static void
a_full_pipe_delays_the_answer(void)
{
	begin(1);
	while (write(master_fd, "", 1) == 1)
		continue;
	ask(1, 1, TUNNELS_BY_RATE);
	run_to(1050);
	CHECK(worker.lister.state == LISTER_ANSWERING);
	while (read(messages_fd, connections[9].upstream.v6.sin6_addr.s6_addr,
		   16) > 0)
		continue;
	run_to(1200);
	CHECK(next_answer().number == 1);
}

static void
memory_goes_back_and_then_nothing_is_due(void)
{
	struct tunnel tunnel;

	begin(CONNECTIONS);
	CHECK(worker.lister.due_ms == DEADLINE_NEVER);
	ask(1, 10, TUNNELS_BY_RATE);
	run_to(1000);
	CHECK(next_answer().number == 1);
	CHECK(worker.lister.now.list != NULL);
	run_to(10000);
	CHECK(worker.lister.due_ms == DEADLINE_NEVER);
	CHECK(worker.lister.now.list == NULL);
	CHECK(worker.lister.before.list == NULL);
	CHECK(tunnel_list_read(&area, OWN_LIST, 0, &tunnel));
	CHECK(tunnel.client[0] == '\0');
}

static void
without_its_memory_a_worker_lists_nothing(void)
{
	begin(1);
	worker.lister.list = NULL;
	ask(1, 10, TUNNELS_BY_RATE);
	CHECK(worker.lister.due_ms == DEADLINE_NEVER);
}

int
main(void)
{
	RUN(the_oldest_are_listed_after_a_second_of_samples);
	RUN(few_are_looked_at_in_a_turn);
	RUN(rates_are_by_the_last_sample);
	RUN(samples_that_are_too_young_become_older);
	RUN(samples_that_are_too_old_are_taken_anew);
	RUN(a_connection_without_a_sample_is_listed_too);
	RUN(none_is_listed_twice_though_the_heap_moves);
	RUN(an_ended_connection_leaves_nothing_to_its_successor);
	RUN(a_request_meanwhile_is_the_next);
	RUN(a_full_pipe_delays_the_answer);
	RUN(memory_goes_back_and_then_nothing_is_due);
	RUN(without_its_memory_a_worker_lists_nothing);
	return check_report();
}
