# SPDX-License-Identifier: MIT
# The log's lines, and a destination that is a file or standard error. If it is
# renamed, full, blocked or gone, lines are lost, but neither time nor the
# daemon.

load daemon

setup_file() {
	lab_up
	in_router mkdir -p -m 777 /run/log
}

teardown_file() {
	lab_down
}

setup() {
	# The same folder in the lab and outside.
	folder=/run/log/$BATS_TEST_NUMBER
	in_router mkdir -m 777 "$folder"
	outside=/proc/$LAB_KEEPER/root$folder
}

teardown() {
	[ -z "${reader-}" ] || kill "$reader" 2>/dev/null || :
	handyproxy_test_end
}

TIME='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z'
LINE="^$TIME (error|warning|notice|info|debug) (master|resolver|worker [0-9]+): [^ ].*$"

# A worker writes this many lines to its standard error. When this is over, the
# master has logged or lost them.
say_lines() { # COUNT
	seq -f 'line %g' "$1" >"/proc/$(worker_pid 0)/fd/2"
	wait_until 10 log_is_through
}

# No action of the administrator takes longer than without a log.
assert_alive() {
	local old
	old=$(worker_pid 1)
	kill -s TERM "$old"
	wait_until 3 has_successor 1 "$old"
	kill -s HUP "$master"
	kill -s USR1 "$master"
	old=$(worker_pid 1)
	kill -s TERM "$old"
	wait_until 3 has_successor 1 "$old"
}

# --- lines

@test "every line has time, level, process and words" {
	handyproxy_start -log-level debug -upstream-proxy localhost -workers 2
	wait_until 10 has_resolver
	kill -s HUP "$master"
	assert_log 'configuration read again'
	kill -s KILL "$(worker_pid 0)" "$(resolver_pid)"
	assert_log 'worker 0 died of signal 9'
	assert_log 'resolver died of signal 9'
	kill -s TERM "$(worker_pid 1)"
	kill -s USR1 "$master"
	assert_log 'totals of all'
	kill -s TERM "$master"
	handyproxy_wait 5 0
	run ! grep -Ev "$LINE" "$daemon_log"
	# A value in quotes is in quotes as a whole.
	run ! grep -E '=[^" ]*"[^"]*$' "$daemon_log"
}

@test "the time is UTC, to the millisecond, wherever the machine is" {
	local before after said
	before=$(date -u +%FT%T)
	TZ=Asia/Kathmandu handyproxy_start
	after=$(date -u +%FT%T)
	while read -r said _; do
		[[ ! ${said%.*} < $before ]]
		[[ ! ${said%.*} > $after ]]
	done <"$daemon_log"
}

@test "-log-level is the lowest level that is logged" {
	local level
	declare -A said=([error]='error' [warning]='error warning' [notice]='error notice warning'
	    [debug]='debug error notice warning')
	for level in error warning notice debug; do
		handyproxy_start -log-level "$level" -max-connections 1000000 -upstream-proxy no-such-name.invalid
		kill -s KILL "$(worker_pid 0)"
		assert_log 'error master: worker 0 died'
		kill -s TERM "$(worker_pid 1)"
		kill -s USR1 "$master"
		wait_until 10 handyproxy_is_up
		[ "$level" = error ] || assert_log ' warning '
		[ "$level" != debug ] || assert_log ' debug '
		handyproxy_end
		assert_equal "$(awk '{ print $2 }' "$daemon_log" | sort -u | xargs)" "${said[$level]}"
	done
}

@test "bytes that would harm a terminal or the log are escaped" {
	handyproxy_start
	printf 'a\033[31m\377\r\t"b"\\\0c\n' >"/proc/$(worker_pid 1)/fd/2"
	assert_log 'error worker 1: stderr: a\\x1b\[31m\\xff\\x0d\\x09"b"'
	head -c 8000 /dev/zero | tr '\0' '\377' >"/proc/$(worker_pid 1)/fd/2"
	echo end >"/proc/$(worker_pid 1)/fd/2"
	assert_log 'stderr: .*end$'
	run ! grep -Ev "$LINE" "$daemon_log"
	[ -z "$(LC_ALL=C awk 'length >= 1999' "$daemon_log")" ]
	run ! env LC_ALL=C grep '[^ -~]' "$daemon_log"
}

# --- a file

@test "a log file that the daemon makes belongs to the user, and no other user can read it" {
	umask 0
	handyproxy_start -log-to "$folder/log"
	assert_equal "$(stat -c '%u %a' "$outside/log")" "$(first_uid) 640"
	assert_equal "$(cat "$daemon_log")" ''
	daemon_log=$outside/log
	assert_log 'listening'
	handyproxy_end
	assert_log 'stopped'
	# A second daemon appends to the file.
	handyproxy_start -log-to "$folder/log"
	daemon_log=$outside/log
	wait_until 10 log_has 2 listening
	assert_equal "$(log_count 'stopped')" 1
}

first_uid() {
	status_of "$(worker_pid 0)" Uid | cut -d ' ' -f 1
}

@test "a log file that is renamed is followed until HUP, and then made anew" {
	handyproxy_start -log-to "$folder/log"
	mv "$outside/log" "$outside/log.1"
	kill -s USR1 "$master"
	daemon_log=$outside/log.1
	assert_log 'totals of all'
	[ ! -e "$outside/log" ]
	for n in 1 2 3; do
		kill -s HUP "$master"
		wait_until 10 test -s "$outside/log"
		mv "$outside/log" "$outside/log.$n"
	done
	kill -s HUP "$master"
	daemon_log=$outside/log
	assert_log 'configuration read again'
	assert_equal "$(stat -c %u "$outside/log")" "$(first_uid)"
	assert_equal "$(descriptors_of "$master" | grep -c "$folder")" 1
}

@test "a log file that cannot be opened again stays in use, and a warning says so" {
	local name='a log'
	in_router mkdir -m 777 "$folder/a folder"
	handyproxy_start -log-to "$folder/a folder/$name"
	mv "$outside/a folder/$name" "$outside/old"
	chmod 000 "$outside/a folder"
	kill -s HUP "$master"
	daemon_log=$outside/old
	assert_log "warning master: .*stays in use file=\"$folder/a folder/$name\" cause=\"Permission denied\"$"
	assert_log 'notice master: configuration read again'
	chmod 777 "$outside/a folder"
	kill -s HUP "$master"
	wait_until 10 grep -q 'configuration read again' "$outside/a folder/$name"
}

@test "a link in the log file's place is not followed" {
	handyproxy_start -log-to "$folder/log"
	mv "$outside/log" "$outside/old"
	ln -s target "$outside/log"
	: >"$outside/target"
	chmod 666 "$outside/target"
	kill -s HUP "$master"
	daemon_log=$outside/old
	assert_log 'warning master: .*stays in use .*cause="Too many levels of symbolic links"'
	assert_log 'configuration read again'
	[ ! -s "$outside/target" ]
}

@test "a start does not write to a file with a second name" {
	in_router sh -c "echo untouched >$folder/another; ln $folder/another $folder/log"
	assert_status 1 in_router timeout 60 "$HANDYPROXY" -log-to "$folder/log"
	assert_one_line_says "-log-to $folder/log" 'Too many links'
	assert_equal "$(cat "$outside/another")" untouched
}

@test "a reload moves the log to another destination" {
	in_router sh -c "echo 'log-to $folder/first' >$folder/conf; chmod 644 $folder/conf"
	handyproxy_start -config "$folder/conf"
	kill -s USR1 "$master"
	daemon_log=$outside/first
	assert_log 'totals of all'
	in_router sh -c "echo 'log-to $folder/second' >$folder/conf"
	kill -s HUP "$master"
	daemon_log=$outside/second
	assert_log 'configuration read again'
	kill -s KILL "$(worker_pid 0)"
	assert_log 'worker 0 died'
	run ! grep -q 'died' "$outside/first"
	# The former workers log there, too.
	echo last words >"/proc/$(worker_pid 1)/fd/2"
	assert_log 'worker 1: stderr: last words'
}

@test "a full disk costs lines, which are counted once there is room" {
	in_router mount -t tmpfs -o size=64k,mode=777 tmpfs "$folder"
	handyproxy_start -log-to "$folder/log"
	daemon_log=$outside/log
	assert_log listening
	head -c 1M /dev/zero >"$outside/ballast" || :
	say_lines 500
	assert_alive
	before=$(grep -c 'stderr: line [0-9]*$' "$daemon_log" || :)
	[ "$before" -lt 100 ]
	rm "$outside/ballast"
	wait_until 10 grep -Eq '[0-9]+ log lines dropped$' "$daemon_log"
	say_lines 5
	wait_until 10 log_has 1 'stderr: line 5$'
	# Each earlier line was written or counted, and the master's own lines
	# come on top.
	dropped=$(log_dropped)
	[ "$dropped" -ge $((500 - before)) ]
	[ "$dropped" -lt $((500 - before + 20)) ]
	# At most one line lost its end, and the next began on a line of its
	# own.
	[ "$(grep -Ecv "$LINE" "$daemon_log" || :)" -le 1 ]
	handyproxy_end
	in_router umount "$folder"
}

@test "a log file that may not grow costs lines, not the daemon" {
	ulimit -S -f 64
	handyproxy_start -log-to "$folder/log"
	ulimit -S -f hard
	say_lines 2000
	assert_alive
	assert_equal "$(stat -c %s "$outside/log")" 65536
	mv "$outside/log" "$outside/log.1"
	kill -s HUP "$master"
	daemon_log=$outside/log
	assert_log '[0-9]+ log lines dropped$'
}

@test "a disk that is full from the start does not stop it" {
	in_router mount -t tmpfs -o size=64k,mode=777 tmpfs "$folder"
	handyproxy_start -log-to "$folder/log"
	handyproxy_end
	head -c 1M /dev/zero >"$outside/ballast" || :
	handyproxy_start -log-to "$folder/log"
	assert_alive
	handyproxy_end
	in_router umount "$folder"
}

# --- standard error

# Opens descriptor 7: the reading end of a pipe of 64 KiB whose writing end is
# $pipe. Nothing reads it yet.
open_pipe() {
	pipe=$BATS_TEST_TMPDIR/pipe
	mkfifo "$pipe"
	exec 7<>"$pipe"
}

handyproxy_start_on() { # SINK OPTION...
	daemon_port=$(free_port)
	lab_start router "$HANDYPROXY" -local-port "$daemon_port" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    -drain-timeout 1s -workers 2 "${@:2}" </dev/null >/dev/null 2>"$1" 7>&-
	master=$!
	wait_until 10 handyproxy_is_up
}

# Reads all lines from now on from the pipe.
read_pipe() {
	daemon_log=$BATS_TEST_TMPDIR/read
	cat <&7 >"$daemon_log" 3>&- &
	reader=$!
}

@test "a pipe that is not read costs lines, which are counted once it is read" {
	open_pipe
	handyproxy_start_on "$pipe"
	say_lines 2000
	assert_alive
	read_pipe
	assert_log '[0-9]+ log lines dropped$'
	say_lines 3
	assert_log 'stderr: line 3$'
	dropped=$(log_dropped)
	read_lines=$(($(log_count 'stderr: line') - 3))
	[ "$read_lines" -gt 100 ]
	[ "$read_lines" -lt 1900 ]
	[ "$((dropped + read_lines))" -ge 2000 ]
	[ "$((dropped + read_lines))" -lt 2020 ]
	run ! grep -Ev "$LINE" "$daemon_log"
}

@test "a pipe that is not read does not delay a stop" {
	open_pipe
	handyproxy_start_on "$pipe"
	say_lines 2000
	kill -s TERM "$master"
	handyproxy_wait 3 0
}

@test "our caller's descriptor does not become non-blocking" {
	local flags
	open_pipe
	handyproxy_start_on "$pipe"
	for pid in "$master" $(children_named '*'); do
		for fd in 0 1; do
			flags=$(awk '/^flags:/ { print $2 }' "/proc/$pid/fdinfo/$fd")
			[ "$((0$flags & 04000))" -eq 0 ]
		done
	done
	flags=$(awk '/^flags:/ { print $2 }' "/proc/$master/fdinfo/2")
	[ "$((0$flags & 04000))" -eq 0 ]
}

@test "a pipe whose reader is gone costs lines and nothing else" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	cat "$BATS_TEST_TMPDIR/pipe" >/dev/null 3>&- &
	reader=$!
	handyproxy_start_on "$BATS_TEST_TMPDIR/pipe"
	kill "$reader"
	wait "$reader" || :
	reader=
	say_lines 100
	assert_alive
	kill -s TERM "$master"
	handyproxy_wait 3 0
}

@test "a socket that is not read costs lines and nothing else" {
	lab_start router python3 "$BATS_TEST_DIRNAME/log_terminal.py" socket "$BATS_TEST_TMPDIR/read" \
	    "$HANDYPROXY" -local-port "$(free_port)" -upstream-proxy "$NOBODYS_UPSTREAM" -workers 2
	blocked_sink
}

@test "a stopped terminal costs lines, which are counted once it goes on" {
	lab_start router python3 "$BATS_TEST_DIRNAME/log_terminal.py" terminal "$BATS_TEST_TMPDIR/read" \
	    "$HANDYPROXY" -local-port "$(free_port)" -upstream-proxy "$NOBODYS_UPSTREAM" -workers 2
	blocked_sink
}

# The log of a daemon under log_terminal.py, which is the child $!.
blocked_sink() {
	reader=$!
	wait_until 10 test -s "$BATS_TEST_TMPDIR/read.pid"
	master=$(<"$BATS_TEST_TMPDIR/read.pid")
	wait_until 10 handyproxy_is_up
	say_lines 5000
	assert_alive
	kill -s USR1 "$reader"
	daemon_log=$BATS_TEST_TMPDIR/read
	assert_log '[0-9]+ log lines dropped'
	say_lines 3
	assert_log 'stderr: line 3'
	[ "$(log_count 'stderr: line')" -lt 4900 ]
	kill -s TERM "$master"
	wait_until 3 has_ended "$master"
	master=
	wait "$reader"
	reader=
	assert_log 'stopped'
}
