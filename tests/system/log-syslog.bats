# SPDX-License-Identifier: MIT
# The log by /dev/log: what a line looks like, and a syslog daemon that starts
# late, does not read, or is restarted.

# shellcheck disable=SC2154 # syslog.bash sets them
load syslog

setup_file() {
	syslog_lab_up
}

teardown_file() {
	lab_down
}

setup() {
	daemon_log=$BATS_TEST_TMPDIR/syslog
	: >"$daemon_log"
}

teardown() {
	syslog_end
	handyproxy_test_end
}

syslog_daemon_start() { # OPTION...
	daemon_port=$(free_port)
	lab_start router "$HANDYPROXY" -local-port "$daemon_port" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    -drain-timeout 1s -workers 2 -log-to syslog "$@" </dev/null >/dev/null \
	    2>"$BATS_TEST_TMPDIR/stderr"
	master=$!
	wait_until 10 handyproxy_is_up
}

# One after the other, so that no line is lost to a full socket.
respawn_worker() { # NUMBER
	local old
	old=$(worker_pid "$1")
	kill -s KILL "$old"
	wait_until 10 has_successor "$1" "$old"
}

@test "a line has facility daemon, our severity, our name and no time of ours" {
	local header='[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}'
	syslog_start
	syslog_daemon_start -log-level debug -max-connections 1000000
	respawn_worker 0
	old=$(worker_pid 1)
	kill -s TERM "$old"
	wait_until 10 has_successor 1 "$old"
	assert_log "^<27>$header handyproxy\[$master\]: error master: worker 0 died"
	assert_log "^<28>$header handyproxy\[$master\]: warning master: -max-connections"
	assert_log "^<29>$header handyproxy\[$master\]: notice master: .*listening"
	assert_log "^<31>$header handyproxy\[$master\]: debug master: worker 1"
	run ! grep -Ev "^<(27|28|29|30|31)>$header handyproxy\[$master\]: (error|warning|notice|info|debug) (master|resolver|worker [0-9]+): [^ ]" "$daemon_log"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/stderr")" ''
}

# All lines at once are fewer than the ten datagrams that the kernel keeps for a
# syslog daemon that does not get to run: more would be lost.
@test "hostile bytes are escaped and a datagram is one short line" {
	syslog_start
	syslog_daemon_start
	printf '<0>a\033b\377\n' >"/proc/$(worker_pid 1)/fd/2"
	assert_log 'error worker 1: stderr: <0>a\\x1bb\\xff$'
	head -c 2000 /dev/zero | tr '\0' '\377' >"/proc/$(worker_pid 1)/fd/2"
	echo end >"/proc/$(worker_pid 1)/fd/2"
	assert_log 'stderr: .*end$'
	[ -z "$(LC_ALL=C awk 'length >= 2048' "$daemon_log")" ]
}

@test "-daemon logs to syslog" {
	syslog_start
	daemon_port=$(free_port)
	in_router mkdir -m 777 -p /run/pid
	in_router "$HANDYPROXY" -daemon -local-port "$daemon_port" -pid-file /run/pid/file \
	    -workers 2 -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null
	pid=$(in_router cat /run/pid/file)
	assert_log "handyproxy\[$pid\]: notice master: .*listening on 0.0.0.0:$daemon_port"
	kill -s TERM "$pid"
	assert_log 'notice master: stopped'
	wait_until 10 no_handyproxies
}

@test "a syslog daemon that starts later gets the number of missed lines" {
	syslog_daemon_start
	respawn_worker 0
	syslog_start
	assert_log 'warning master: [0-9]+ log lines dropped$'
	respawn_worker 1
	assert_log 'error master: worker 1 died'
}

@test "a syslog daemon that is restarted is found again" {
	syslog_start
	syslog_daemon_start
	for n in 1 2 3; do
		syslog_end
		syslog_start
		kill -s USR1 "$master"
		wait_until 10 log_has $n 'totals of all'
	done
	# No line was lost meanwhile.
	refute_log dropped
}

@test "a syslog daemon that reads nothing costs lines, which are counted once it reads" {
	syslog_start deaf
	syslog_daemon_start
	pipe=/proc/$(worker_pid 0)/fd/2
	seq -f 'line %g' 5000 >"$pipe"
	# Neither a respawn nor a reload waits for the syslog daemon.
	old=$(worker_pid 1)
	kill -s TERM "$old"
	wait_until 3 has_successor 1 "$old"
	kill -s HUP "$master"
	old=$(worker_pid 1)
	kill -s TERM "$old"
	wait_until 3 has_successor 1 "$old"
	wait_until 10 log_is_through
	kill -s USR1 "$syslog"
	assert_log 'warning master: [0-9]+ log lines dropped$'
	echo end >"$pipe"
	assert_log 'stderr: end$'
	dropped=$(log_dropped)
	[ "$((dropped + $(log_count 'stderr: line')))" -ge 5000 ]
	[ "$((dropped + $(log_count 'stderr: line')))" -lt 5020 ]
}

@test "a syslog daemon that reads nothing does not delay a stop" {
	syslog_start deaf
	syslog_daemon_start
	seq -f 'line %g' 5000 >"/proc/$(worker_pid 0)/fd/2"
	kill -s TERM "$master"
	handyproxy_wait 3 0
}
