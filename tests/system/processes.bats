# SPDX-License-Identifier: MIT
# The master and its children: which process replaces which, when and how fast,
# and what the log says.

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

@test "a worker that dies is replaced at once, and its death is logged" {
	handyproxy_start -workers 3
	for signal in SEGV KILL ABRT; do
		old=$(worker_pid 1)
		others="$(worker_pid 0) $(worker_pid 2)"
		kill -s "$signal" "$old"
		wait_until 10 has_successor 1 "$old"
		assert_equal "$(worker_pid 0) $(worker_pid 2)" "$others"
		assert_log "error master: worker 1 died of signal $(kill -l "$signal") \(.+\) after [0-9]+\.[0-9]{3} s, 0 connections lost pid=$old$"
		# The start is long enough ago that the next death is not an
		# early death in a row.
		[ "$signal" = ABRT ] || { handyproxy_end && handyproxy_start -workers 3; }
	done
}

@test "a worker that dies early again and again is replaced later each time, but always" {
	local delay old other
	handyproxy_start -workers 2
	# At once, then after 1, 2 and 4 seconds; processes-slow.bats goes on.
	for delay in 0 1000 2000; do
		other=$(worker_pid 1)
		dies_and_is_back_after "$delay" 0
		# Other workers' numbers are not delayed.
		assert_equal "$(worker_pid 1)" "$other"
	done
	old=$(worker_pid 0)
	kill -s KILL "$old" "$other"
	wait_until 10 has_successor 0 "$old"
	wait_until 10 has_successor 1 "$other"
	[ "$(start_ms "$(worker_pid 1)")" -lt "$(start_ms "$(worker_pid 0)")" ]
	assert_equal "$(log_count 'error master: worker 0 died of signal 9')" 4
}

@test "all workers at once" {
	handyproxy_start -workers 4
	mapfile -t workers < <(children_named 'handyproxy:w*')
	kill -s KILL "${workers[@]}"
	for pid in "${workers[@]}"; do
		wait_until 10 has_ended "$pid"
	done
	wait_until 10 handyproxy_is_up -workers 4
	assert_equal "$(log_count 'error master: worker [0-3] died of signal 9')" 4
}

@test "the resolver is replaced like a worker" {
	handyproxy_start -upstream-proxy localhost
	wait_until 10 has_resolver
	for n in 1 2; do
		old=$(resolver_pid)
		kill -s SEGV "$old"
		wait_until 10 has_another_resolver "$old"
	done
	assert_log "error master: resolver died of signal 11 \(.+\) after [0-9.]+ s pid=$old$"
	assert_equal "$(worker_count)" 2
}

@test "a literal address needs no resolver" {
	for upstream in 10.1.0.2 10.1.0.2:80 '[fd02::2]:3128' ::1; do
		handyproxy_start -upstream-proxy "$upstream"
		kill -s USR1 "$master"
		assert_log 'totals of all'
		assert_equal "$(children_named '*' | wc -l)" 2
		handyproxy_end
	done
}

@test "workers are one for each processor, at least two" {
	local processors
	processors=$(getconf _NPROCESSORS_ONLN)
	[ "$processors" -ge 2 ] || processors=2
	daemon_port=$(free_port)
	daemon_log=$BATS_TEST_TMPDIR/log
	lab_start router "$HANDYPROXY" -local-port "$daemon_port" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    </dev/null >/dev/null 2>"$daemon_log"
	master=$!
	wait_until 10 handyproxy_is_up -workers "$processors"
}

# Limits the processes of the master's user. The soft limit may be raised again
# up to the hard limit, and only the user itself can change it everywhere.
limit_processes() { # NUMBER
	local as=() limit=$1
	has_many_users && as=(setpriv --reuid "$(first_of Uid)" --regid "$(first_of Gid)" --clear-groups)
	[ "$limit" != unlimited ] ||
	    limit=$("${as[@]}" prlimit --pid "$master" --nproc --noheadings --output HARD)
	in_router "${as[@]}" prlimit --pid "$master" --nproc="$limit:"
}

first_of() { # KEY
	status_of "$master" "$1" | cut -d ' ' -f 1
}

# The line of /proc/PID/sched with the length of the process's time slice.
slice_of() { # PID
	sed -n 's/^se\.slice *: *//p' "/proc/$1/sched"
}

@test "workers ask for longer time slices than others" {
	[ -e /proc/self/sched ] || skip 'this kernel does not tell of its scheduler'
	printf '%s\n' 6.12 "$(uname -r)" | sort -CV ||
	    skip 'before Linux 6.12 all time slices are as long'
	handyproxy_start
	assert_equal "$(slice_of "$(worker_pid 0)")" 5000000
	assert_equal "$(slice_of "$master")" "$(slice_of self)"
}

@test "a fork that fails is logged, and tried again until it succeeds" {
	handyproxy_start
	old=$(worker_pid 0)
	limit_processes 1
	kill -s KILL "$old"
	assert_log 'error master: cannot start worker 0, trying again cause="Resource temporarily unavailable"'
	wait_until 20 log_has 3 'cannot start worker 0'
	assert_equal "$(worker_count)" 1
	[ "$(log_count 'cannot start worker 0')" -lt 10 ]
	limit_processes unlimited
	wait_until 20 has_successor 0 "$old"
}

@test "a master that starts where it cannot fork yet comes up when it can" {
	daemon_port=$(free_port)
	daemon_log=$BATS_TEST_TMPDIR/log
	lab_start router prlimit --nproc=1: "$HANDYPROXY" -local-port "$daemon_port" \
	    -upstream-proxy "$NOBODYS_UPSTREAM" -workers 2 </dev/null >/dev/null 2>"$daemon_log"
	master=$!
	assert_log 'error master: cannot start worker 0, trying again'
	is_bound "$daemon_port"
	limit_processes unlimited
	wait_until 20 handyproxy_is_up -workers 2
}

@test "a master that was killed leaves nothing behind" {
	handyproxy_start -workers 3 -upstream-proxy localhost
	wait_until 10 has_resolver
	kill -s KILL "$master"
	handyproxy_wait 10 137
	wait_until 10 no_handyproxies
	is_free "$daemon_port"
	handyproxy_start
}

@test "workers and resolver of a master that crashed go too" {
	handyproxy_start -workers 3 -upstream-proxy localhost
	wait_until 10 has_resolver
	kill -s SEGV "$master"
	handyproxy_wait 10 139
	wait_until 10 no_handyproxies
}

@test "100 deaths leave the master as it was: descriptors, children, memory" {
	local before after
	handyproxy_start -workers 2
	measure >"$BATS_TEST_TMPDIR/before"
	# A drained worker is replaced without delay.
	for n in {1..50}; do
		old=$(worker_pid 0)
		kill -s TERM "$old" "$(worker_pid 1)"
		wait_until 10 has_successor 0 "$old"
		wait_until 10 handyproxy_is_up -workers 2
	done
	wait_until 10 is_measured_as "$BATS_TEST_TMPDIR/before" || {
		measure | diff "$BATS_TEST_TMPDIR/before" -
		return 1
	}
	refute_log ' error '
}

# The master's resources that must not grow: its descriptors, its shared pages.
measure() {
	descriptors_of "$master" | wc -l
	grep -c ' rw-s ' "/proc/$master/maps"
	children_named '*' | wc -l
}

is_measured_as() { # FILE
	[ "$(measure)" = "$(cat "$1")" ]
}
