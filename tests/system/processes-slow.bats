# SPDX-License-Identifier: MIT
# Tests that take half a minute by their nature: the watchdog, a name that
# moves, a worker that dies again and again. They run at the same time.

load resolver

setup_file() {
	load resolver
	names_up
	"${CC:-cc}" -O2 -fPIC -shared -o "$BATS_FILE_TMPDIR/hang.so" "$BATS_TEST_DIRNAME/processes_hang.c"
	begin hang
	begin move
	begin silence
	begin freeze
	begin crash_loop
}

teardown_file() {
	lab_down
}

begin() { # SCENARIO
	(
		set +e
		BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/$1
		mkdir "$BATS_TEST_TMPDIR"
		(
			set -e
			"$1"
			handyproxy_stop
		)
		echo $? >"$BATS_TEST_TMPDIR/status"
	) >"$BATS_FILE_TMPDIR/$1.said" 2>&1 3>&- &
}

# The other tests' daemons are in the same router: only this daemon must have
# gone.
handyproxy_stop() {
	kill -s TERM "$master"
	handyproxy_wait 10 0
	assert_no_report
}

# The scenario ends within this time, and succeeds.
assert_went_well() { # SCENARIO SECONDS
	wait_until "$2" test -s "$BATS_FILE_TMPDIR/$1/status" || echo "$1 does not end"
	cat "$BATS_FILE_TMPDIR/$1.said"
	[ "$(cat "$BATS_FILE_TMPDIR/$1/status")" = 0 ] || {
		cat "$BATS_FILE_TMPDIR/$1/log"
		return 1
	}
}

# --- the watchdog

hang() {
	local hung=() before number took
	launcher=(env LD_PRELOAD="$BATS_FILE_TMPDIR/hang.so")
	handyproxy_start -workers 5
	grep -q hang.so "/proc/$master/maps" || return 77
	mapfile -t hung < <(for number in 0 1 2; do worker_pid $number; done)
	stopped=$(worker_pid 3)
	idle=$(worker_pid 4)
	kill -s STOP "$stopped"
	kill -s USR2 "${hung[0]}"
	kill -s WINCH "${hung[1]}"
	kill -s URG "${hung[2]}"
	before=$(uptime_ms)
	for number in 0 1 2; do
		wait_until 40 has_successor $number "${hung[number]}"
		took=$(($(start_ms "$(worker_pid $number)") - before))
		echo "worker $number was started after $took ms"
		[ "$took" -ge 29000 ]
		[ "$took" -le $((35500 + $(noise_ms))) ]
		assert_log "error master: worker $number .*hangs.*${hung[number]}"
	done
	# Neither worker is busy: one is idle, the other is stopped.
	assert_equal "$(worker_pid 3) $(worker_pid 4)" "$stopped $idle"
	assert_equal "$(log_count ' hangs')" 3
	kill -s CONT "$stopped"
	kill -s USR1 "$master"
	assert_log 'totals of worker 3'
}

@test "a worker that is busy without progress is killed within 35 s, a waiting or stopped worker never" {
	assert_went_well hang 60 || {
		[ "$(cat "$BATS_FILE_TMPDIR/hang/status")" != 77 ] || skip 'the program loads no library'
		return 1
	}
}

# --- the name service

move() {
	local asked took
	name_server_says 10.1.0.2
	name_server_start
	handyproxy_start -upstream-proxy "$UPSTREAM_NAME"
	assert_log 'upstream=10.1.0.2:3128'
	name_server_says 10.1.0.3
	wait_until 30 grep -q 'upstream=10.1.0.3:3128' "$daemon_log"
	# The name server was not asked all the time, nor too late.
	mapfile -t asked < <(question_times)
	took=$((asked[1] - asked[0]))
	echo "the name was looked up again after $took ms"
	[ "$took" -ge 15000 ]
	[ "$took" -le $((30000 + $(noise_ms))) ]
	refute_log ' (error|warning) '
}

@test "a name that moves is followed within 30 s" {
	assert_went_well move 40
}

# --- a resolver that says nothing, and a time in which nobody does

resolver_of() { # MASTER
	local pid
	for pid in $(pgrep -P "$1"); do
		[ "$(comm_of "$pid")" != handyproxy:dns ] || echo "$pid"
	done
}

has_another_resolver() { # OLD
	local new
	new=$(resolver_of "$master")
	[ -n "$new" ] && [ "$new" != "$1" ]
}

silence() {
	local old before took
	handyproxy_start -upstream-proxy localhost:3128
	assert_log 'the upstream localhost is at'
	old=$(resolver_of "$master")
	kill -s STOP "$old"
	before=$(uptime_ms)
	kill -s HUP "$master"
	wait_until 40 has_another_resolver "$old"
	took=$(($(uptime_ms) - before))
	echo "the resolver was replaced after $took ms"
	[ "$took" -le $((35500 + $(noise_ms))) ]
	assert_log "error master: resolver hangs, has answered nothing for 30 s, killed pid=$old"
	refute_log 'error master: worker'
}

@test "a resolver that answers nothing for 30 s is replaced" {
	assert_went_well silence 60
}

freeze() {
	local children frozen
	handyproxy_start -upstream-proxy localhost:3128
	assert_log 'the upstream localhost is at'
	children=$(pgrep -P "$master")
	# shellcheck disable=SC2086 # one word for each process
	kill -s STOP "$master" $children
	frozen=$(uptime_ms)
	wait_until 40 has_passed "$((frozen + 33000))"
	# shellcheck disable=SC2086
	kill -s CONT $children "$master"
	# A tick of the master's, and what it logs behind it.
	kill -s USR1 "$master"
	assert_log 'totals of all'
	wait_until 10 has_passed "$(($(uptime_ms) + 2500))"
	assert_equal "$(pgrep -P "$master")" "$children"
	refute_log ' error '
}

has_passed() { # UPTIME_MS
	[ "$(uptime_ms)" -ge "$1" ]
}

@test "a master that was frozen with its children kills none of them" {
	assert_went_well freeze 60
}

# --- a crash loop

crash_loop() {
	local delay
	handyproxy_start -workers 2
	for delay in 0 1 2 4 8 16; do
		dies_and_is_back_after "${delay}000" 1
	done
	assert_equal "$(log_count 'worker 1 died of signal 9')" 6
}

@test "a worker that dies again and again comes back each time, after up to half a minute" {
	assert_went_well crash_loop 60
}
