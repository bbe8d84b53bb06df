# SPDX-License-Identifier: MIT
# The log as JSON where it goes: standard error, a file, syslog. Lines before the
# log is open are text, and a reload changes the format. What lines look like is
# in tests/proxy/test_log_json.py.

load syslog

setup_file() {
	syslog_lab_up
	in_router mkdir -p -m 777 /run/log
}

teardown_file() {
	lab_down
}

setup() {
	folder=/run/log/$BATS_TEST_NUMBER
	in_router mkdir -m 777 "$folder"
	outside=/proc/$LAB_KEEPER/root$folder
}

teardown() {
	[ -z "${reader-}" ] || kill "$reader" || :
	syslog_end
	handyproxy_test_end
}

# Fails unless each line is an object that has the four keys, and less than 2,000
# bytes.
assert_objects() { # FILE
	python3 -c '
import json, sys
for line in open(sys.argv[1], "rb"):
    assert len(line) < 2000, line
    keys = list(json.loads(line))
    assert keys[:4] == ["time", "level", "process", "message"], line' "$1"
}

@test "why a start fails is text, and so is a mistake" {
	assert_status 1 in_router timeout 60 "$HANDYPROXY" -log-format json -log-to "$folder"
	assert_one_line_says "-log-to $folder" 'Is a directory'
	assert_status 1 in_router timeout 60 "$HANDYPROXY" -log-format json -local-address 192.0.2.1 \
	    -local-port 1 -chroot "$folder/none"
	assert_one_line_says '-chroot' 'No such file'
	assert_status 2 "$HANDYPROXY" -log-format json -local-port x
	assert_one_line_says 'local-port "x"'
}

@test "a reload changes the format, wherever the log goes" {
	local sink
	for sink in stderr "$folder/log"; do
		in_router sh -c "printf '%s\n' 'log-to $sink' >$folder/conf; chmod 644 $folder/conf"
		handyproxy_start -config "$folder/conf"
		[ "$sink" = stderr ] || daemon_log=$outside/log
		assert_log ' notice master: .*listening'
		old=$(children_named 'handyproxy:w*' | xargs)
		in_router sh -c "echo 'log-format json' >>$folder/conf"
		kill -s HUP "$master"
		assert_log '^\{"time":"[^"]*Z","level":"notice","process":"master","message":"configuration read again, workers stay"\}$'
		# The workers that went on know nothing of it.
		echo 'a"b' >"/proc/$(worker_pid 1)/fd/2"
		assert_log '"level":"error","process":"worker 1","message":"stderr: a\\"b"\}$'
		assert_equal "$(children_named 'handyproxy:w*' | xargs)" "$old"
		sed -n '/^{/,$p' "$daemon_log" >"$BATS_TEST_TMPDIR/objects"
		in_router sh -c "echo 'log-to $sink' >$folder/conf"
		kill -s HUP "$master"
		assert_log 'Z notice master: configuration read again'
		handyproxy_end
		assert_objects "$BATS_TEST_TMPDIR/objects"
	done
}

@test "lines that a full disk did not take are counted in JSON" {
	in_router mount -t tmpfs -o size=64k,mode=777 tmpfs "$folder"
	handyproxy_start -log-format json -log-to "$folder/log"
	daemon_log=$outside/log
	assert_log listening
	head -c 1M /dev/zero >"$outside/ballast" || :
	seq -f 'line %g' 500 >"/proc/$(worker_pid 0)/fd/2"
	wait_until 10 log_is_through
	rm "$outside/ballast"
	assert_log '"level":"warning","process":"master","message":"[0-9]+ log lines dropped"}$'
	handyproxy_end
	# At most one line lost its end.
	grep -v '}$' "$daemon_log" >"$BATS_TEST_TMPDIR/cut" || :
	[ "$(wc -l <"$BATS_TEST_TMPDIR/cut")" -le 1 ]
	grep '}$' "$daemon_log" >"$BATS_TEST_TMPDIR/objects"
	assert_objects "$BATS_TEST_TMPDIR/objects"
	in_router umount "$folder"
}

@test "a pipe that is not read costs lines, which are counted in JSON" {
	local pipe=$BATS_TEST_TMPDIR/pipe
	mkfifo "$pipe"
	exec 7<>"$pipe"
	daemon_port=$(free_port)
	lab_start router "$HANDYPROXY" -local-port "$daemon_port" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    -workers 2 -log-format json </dev/null >/dev/null 2>"$pipe" 7>&-
	master=$!
	wait_until 10 handyproxy_is_up
	seq -f 'line %g' 2000 >"/proc/$(worker_pid 0)/fd/2"
	wait_until 10 log_is_through
	daemon_log=$BATS_TEST_TMPDIR/read
	cat <&7 >"$daemon_log" 3>&- &
	reader=$!
	assert_log '"level":"warning","process":"master","message":"[0-9]+ log lines dropped"}$'
	handyproxy_end
	kill "$reader"
	reader=
	assert_objects "$daemon_log"
}

@test "syslog has the object as its message, and the level as its priority" {
	local header='[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}'
	daemon_log=$BATS_TEST_TMPDIR/syslog
	: >"$daemon_log"
	syslog_start
	daemon_port=$(free_port)
	lab_start router "$HANDYPROXY" -local-port "$daemon_port" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    -workers 2 -log-to syslog -log-format json -max-connections 1000000 </dev/null >/dev/null
	master=$!
	wait_until 10 handyproxy_is_up
	printf '<0>a\033b\377"\n' >"/proc/$(worker_pid 1)/fd/2"
	assert_log '"message":"stderr: <0>a\\u001bb\\ufffd\\""\}$'
	run ! grep -Ev "^<(27|28|29)>$header handyproxy\[$master\]: \{\"time\":" "$daemon_log"
	assert_log "^<27>.*: .*\"level\":\"error\",\"process\":\"worker 1\""
	assert_log "^<28>.*: .*\"level\":\"warning\",\"process\":\"master\""
	assert_log "^<29>.*: .*\"level\":\"notice\",\"process\":\"master\""
	sed 's/^[^{]*//' "$daemon_log" >"$BATS_TEST_TMPDIR/objects"
	assert_objects "$BATS_TEST_TMPDIR/objects"
}
