# SPDX-License-Identifier: MIT
# What each signal does to the master, to a child, and to all of them at once.

load daemon

setup_file() {
	lab_up
}

teardown_file() {
	lab_down
}

teardown() {
	handyproxy_test_end
}

pids() {
	children_named '*' | sort | xargs
}

# The signal changed nothing: the same processes are in the same states, and
# work.
assert_unmoved() { # PIDS
	local accounts
	accounts=$(log_count 'totals of all')
	kill -s USR1 "$master"
	wait_until 10 log_has $((accounts + 1)) 'totals of all'
	assert_equal "$(pids)" "$1"
	is_bound "$daemon_port"
	refute_log ' (error|warning) '
}

@test "TERM and INT end the master with status 0, and the port is free" {
	for signal in TERM INT; do
		handyproxy_start -upstream-proxy localhost
		kill -s "$signal" "$master"
		handyproxy_wait 5 0
		no_handyproxies
		is_free "$daemon_port"
		assert_log 'notice master: stopped'
	done
}

@test "a worker that cannot finish does not hold a stop up" {
	handyproxy_start -drain-timeout 6s
	other=$(worker_pid 0)
	stopped=$(worker_pid 1)
	kill -s STOP "$stopped"
	wait_until 5 is_stopped "$stopped"
	kill -s TERM "$master"
	wait_until 5 has_ended "$other"
	is_stopped "$stopped"
	# A worker that does not end in time is killed.
	handyproxy_wait 10 0
	has_ended "$stopped"
	is_free "$daemon_port"
}

@test "a second TERM ends a stop at once" {
	for signals in 'TERM TERM' 'INT INT' 'TERM INT'; do
		read -r one another <<<"$signals"
		handyproxy_start -drain-timeout 1h
		kill -s STOP "$(worker_pid 1)"
		wait_until 5 is_stopped "$(worker_pid 1)"
		kill -s "$one" "$master"
		assert_log 'stopping, open tunnels have 3600.000 s'
		kill -s "$another" "$master"
		handyproxy_wait 3 0
		no_handyproxies
	done
}

@test "children ignore INT, HUP and USR1" {
	local before
	handyproxy_start -upstream-proxy localhost
	wait_until 10 has_resolver
	before=$(pids)
	for signal in INT HUP USR1; do
		# shellcheck disable=SC2086 # a list
		kill -s "$signal" $before
	done
	assert_unmoved "$before"
	refute_log 'read again|stopping'
}

@test "TERM drains a worker and it is replaced, which is no error" {
	handyproxy_start
	old=$(worker_pid 0)
	kill -s TERM "$old"
	wait_until 10 has_successor 0 "$old"
	wait_until 10 has_ended "$old"
	refute_log ' (error|warning) '
}

@test "TERM to all workers at once replaces all of them, which is no error" {
	handyproxy_start -workers 4
	for n in {1..10}; do
		mapfile -t workers < <(children_named 'handyproxy:w*')
		kill -s TERM "${workers[@]}"
		for pid in "${workers[@]}"; do
			wait_until 10 has_ended "$pid"
		done
		wait_until 10 handyproxy_is_up -workers 4
	done
	refute_log ' (error|warning) '
}

@test "TERM ends the resolver and it is replaced" {
	handyproxy_start -upstream-proxy localhost
	wait_until 10 has_resolver
	old=$(resolver_pid)
	kill -s TERM "$old"
	wait_until 10 has_ended "$old"
	wait_until 10 has_another_resolver "$old"
}

@test "a terminal's ^C and TERM to the whole group stop it cleanly" {
	for signal in INT TERM; do
		launcher=(setsid)
		handyproxy_start -upstream-proxy localhost
		assert_equal "$(ps -o pgid= -p "$master" | tr -d ' ')" "$master"
		kill -s "$signal" -- "-$master"
		handyproxy_wait 5 0
		no_handyproxies
		refute_log ' (error|warning) '
	done
}

@test "HUP and USR1 to the whole group cause one reload and one set of totals" {
	local before
	launcher=(setsid)
	handyproxy_start
	before=$(pids)
	kill -s HUP -- "-$master"
	assert_log 'notice master: configuration read again'
	kill -s USR1 -- "-$master"
	assert_log 'notice master: totals of all'
	assert_unmoved "$before"
	assert_equal "$(log_count 'configuration read again')" 1
	assert_equal "$(log_count 'totals of all')" 2
}

@test "USR1 logs a line of totals for each worker and one for all" {
	handyproxy_start -workers 3
	kill -s USR1 "$master"
	assert_log 'notice master: totals of all'
	for whose in 'worker 0' 'worker 1' 'worker 2' all; do
		assert_log "notice master: totals of $whose accepted=0 open=0 tunnelled=0 .*ready_taken=0 ready_expired=0 ready_stale=0 sent=0 received=0 spliced=0$"
	done
	assert_equal "$(log_count totals)" 4
}

@test "PIPE does nothing" {
	local before
	handyproxy_start -upstream-proxy localhost
	wait_until 10 has_resolver
	before=$(pids)
	# shellcheck disable=SC2086 # a list
	kill -s PIPE "$master" $before
	assert_unmoved "$before"
}

@test "signals that were ignored or blocked by the caller work all the same" {
	launcher=(env --ignore-signal --block-signal)
	handyproxy_start
	kill -s USR1 "$master"
	assert_log 'totals of all'
	old=$(worker_pid 0)
	kill -s KILL "$old"
	wait_until 10 has_successor 0 "$old"
	old=$(worker_pid 1)
	kill -s TERM "$old"
	wait_until 10 has_successor 1 "$old"
	kill -s TERM "$master"
	handyproxy_wait 5 0
}

@test "a stop that comes before the workers are there is a stop" {
	for n in {1..20}; do
		daemon_port=${daemon_port:-$(free_port)}
		daemon_log=$BATS_TEST_TMPDIR/log
		: >"$daemon_log"
		lab_start router "$HANDYPROXY" -local-port "$daemon_port" -workers 8 \
		    -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null >/dev/null 2>"$daemon_log"
		master=$!
		wait_until 10 test -s "$daemon_log"
		kill -s TERM "$master"
		handyproxy_wait 5 0
		no_handyproxies
		refute_log ' error '
	done
}
