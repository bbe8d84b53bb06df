# SPDX-License-Identifier: MIT
# A start that fails says why and leaves nothing behind. When a start succeeds,
# the port is bound before the caller goes on.

load daemon

setup_file() {
	lab_up
}

teardown_file() {
	lab_down
}

setup() {
	folder=$BATS_TEST_TMPDIR/folder
	mkdir "$folder"
	daemon_port=$(free_port)
}

teardown() {
	[ -z "${occupant-}" ] || kill "$occupant"
	handyproxy_test_end
}

# Wherever the log goes, in the foreground and in the background: status 1, and
# one line on stderr with these texts.
start_fails() { # TEXT... -- OPTION...
	local said=() way
	while [ "$1" != -- ]; do
		said+=("$1")
		shift
	done
	shift
	for way in '-log-to stderr' "-log-to $folder/log" '-log-to syslog' '-daemon' \
	    "-daemon -log-to $folder/log" '-daemon -log-to stderr'; do
		# shellcheck disable=SC2086 # options
		assert_status 1 in_router timeout 60 "$HANDYPROXY" \
		    -local-port "$daemon_port" $way "$@"
		assert_one_line_says "${said[@]}"
		no_handyproxies
	done
}

@test "the port is taken" {
	occupy "$daemon_port"
	occupant=$!
	start_fails "0.0.0.0:$daemon_port" 'Address already in use' --
	start_fails "127.0.0.1:$daemon_port" 'Address already in use' -- -local-address 127.0.0.1
}

@test "there is no such user or group" {
	start_fails '-group no-such-group' 'no such group' -- -group no-such-group
	start_fails '-user no-such-user' 'no such user' -- -user no-such-user
	is_free "$daemon_port"
}

@test "the folder of the pid file does not exist, or the pid file is a link or a folder" {
	start_fails "-pid-file $folder/no/pid" 'No such file or directory' -- -pid-file "$folder/no/pid"
	echo untouched >"$folder/target"
	ln -s "$folder/target" "$folder/link"
	start_fails "-pid-file $folder/link" 'symbolic links' -- -pid-file "$folder/link"
	assert_equal "$(<"$folder/target")" untouched
	start_fails "-pid-file $folder" 'Is a directory' -- -pid-file "$folder"
	is_free "$daemon_port"
}

@test "the log file cannot be written, is a link or a folder" {
	ln -s "$folder/target" "$folder/link"
	for way in '' -daemon; do
		while IFS='|' read -r file cause; do
			# shellcheck disable=SC2086 # nothing or an option
			assert_status 1 in_router timeout 60 "$HANDYPROXY" \
			    -local-port "$daemon_port" $way -log-to "$file"
			assert_one_line_says "-log-to $file" "$cause"
		done <<-END
			$folder/no/log|No such file or directory
			$folder/link|symbolic links
			$folder|Is a directory
		END
	done
	is_free "$daemon_port"
	[ ! -e "$folder/target" ]
}

@test "the log file's place is read-only" {
	in_router mount -t tmpfs -o ro tmpfs /mnt
	assert_status 1 in_router timeout 60 "$HANDYPROXY" -local-port "$daemon_port" -log-to /mnt/log
	assert_one_line_says '-log-to /mnt/log' 'Read-only file system'
	in_router umount /mnt
}

@test "the -chroot directory does not exist or is no directory" {
	start_fails '-chroot /no/such/folder' 'No such file or directory' -- -chroot /no/such/folder
	start_fails '-chroot /etc/passwd' 'Not a directory' -- -chroot /etc/passwd
	is_free "$daemon_port"
}

@test "the -chroot directory is closed to the daemon's user" {
	lab_has_users || skip 'this namespace has but one user'
	in_router mkdir -p -m 700 /run/closed
	start_fails '-chroot /run/closed' 'Permission denied' -- -chroot /run/closed
	is_free "$daemon_port"
}

@test "another instance has the pid file" {
	handyproxy_start -pid-file "$folder/pid"
	assert_equal "$(<"$folder/pid")" "$master"
	chmod 755 "$BATS_TEST_TMPDIR"
	first=$master
	second_port=$(free_port)
	for way in '' -daemon; do
		# shellcheck disable=SC2086 # nothing or an option
		assert_status 1 in_router timeout 60 "$HANDYPROXY" -local-port "$second_port" \
		    -log-to "$folder/log" $way -pid-file "$folder/pid"
		assert_one_line_says "-pid-file $folder/pid" 'another instance is running'
		is_free "$second_port"
		assert_equal "$(<"$folder/pid")" "$first"
	done
	is_bound "$daemon_port"
}

@test "a start that waits for the name service is ended by INT and TERM" {
	"${CC:-cc}" -O2 -fPIC -shared -o "$BATS_TEST_TMPDIR/slow_user.so" \
	    "$BATS_TEST_DIRNAME/processes_slow_user.c"
	for signal in INT TERM; do
		daemon_log=$BATS_TEST_TMPDIR/$signal
		lab_start router env --default-signal LD_PRELOAD="$BATS_TEST_TMPDIR/slow_user.so" \
		    "$HANDYPROXY" -local-port "$daemon_port" 2>"$daemon_log"
		master=$!
		wait_until 10 grep -q asked "$daemon_log" || skip 'the program loads no library'
		kill -s "$signal" "$master"
		wait_until 10 has_ended "$master"
		wait_until 10 no_handyproxies
	done
	master=
}

@test "a start that fails does not touch the file that its standard input comes from" {
	occupy "$daemon_port"
	occupant=$!
	echo untouched >"$folder/input"
	run in_router "$HANDYPROXY" -local-port "$daemon_port" 0<>"$folder/input"
	[ "$status" -eq 1 ]
	assert_equal "$(<"$folder/input")" untouched
}

@test "a failed start leaves no pid file" {
	occupy "$daemon_port"
	occupant=$!
	start_fails "0.0.0.0:$daemon_port" -- -pid-file "$folder/pid"
	[ ! -e "$folder/pid" ]
}

@test "messages go after the caller's earlier output, and before its later output" {
	occupy "$daemon_port"
	occupant=$!
	{
		echo before
		in_router "$HANDYPROXY" -local-port "$daemon_port" </dev/null || :
		echo after
	} 2>"$folder/said" >&2
	assert_equal "$(sed -n '1p;$p' "$folder/said" | xargs)" 'before after'
	grep -q '^handyproxy: cannot listen on' "$folder/said"
	run ! grep -Ev '^(before|after|handyproxy: .*)$' "$folder/said"
}

@test "a failed start prints a path on one line" {
	for option in -chroot -pid-file -log-to -user -group; do
		assert_status 1 in_router timeout 60 "$HANDYPROXY" -local-port "$daemon_port" \
		    "$option" $'/no\n\e[31mway/x'
		assert_one_line_says "$option" '/no\x0a\x1b[31mway/x'
	done
}

# --- in the background

@test "-daemon returns when the port is bound" {
	for n in 1 2 3; do
		in_router "$HANDYPROXY" -daemon -local-port "$daemon_port" -pid-file "$folder/pid" \
		    -log-to "$folder/log" -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null
		is_bound "$daemon_port"
		daemon_stop
	done
}

in_folder() { # FOLDER COMMAND...
	# shellcheck disable=SC2016 # for the inner shell
	in_router sh -c 'cd "$1" && shift && exec "$@"' sh "$@"
}

# A daemon that is not a child of this shell.
daemon_stop() {
	local pid
	pid=$(<"$folder/pid")
	assert_equal "$(comm_of "$pid")" handyproxy
	kill -s TERM "$pid"
	wait_until 10 no_handyproxies
	is_free "$daemon_port"
}

@test "-daemon lets go of its caller: session, terminal, descriptors and folder" {
	local pid
	mkdir "$folder/caller"
	# cat ends when all writing ends of its pipe are closed.
	in_folder "$folder/caller" "$HANDYPROXY" -daemon -local-port "$daemon_port" -pid-file ../pid \
	    -log-to ../log -upstream-proxy "$NOBODYS_UPSTREAM" 2>&1 </dev/null |
	    timeout 60 cat >"$folder/said"
	assert_equal "$(<"$folder/said")" ''
	pid=$(<"$folder/pid")
	assert_equal "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
	assert_equal "$(ps -o tty= -p "$pid")" '?'
	assert_equal "$(readlink "/proc/$pid/cwd")" /
	[ -s "$folder/log" ]
	for pid in $(handyproxies); do
		for fd in 0 1; do
			assert_equal "$(readlink "/proc/$pid/fd/$fd")" /dev/null
		done
		assert_equal "$(descriptors_of "$pid" | grep -c "$folder/caller\|$folder/said")" 0
	done
	daemon_stop
	grep -q 'notice master: stopped' "$folder/log"
}

@test "-daemon keeps no descriptor of its caller, which may be a lock" {
	# A caller that has the lock, as scripts of packages do.
	# shellcheck disable=SC2016 # for the shell in the router
	in_router sh -c 'exec 9>"$0"; flock -n 9; exec "$@"' "$folder/lock" \
	    "$HANDYPROXY" -daemon -local-port "$daemon_port" -pid-file "$folder/pid" \
	    -log-to "$folder/log" -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null
	daemon_log=$folder/log
	for pid in $(handyproxies); do
		assert_equal "$(descriptors_of "$pid" | grep -c "$folder/lock")" 0
	done
	flock -n "$folder/lock" true
	daemon_stop
}

@test "-daemon finds relative paths again after it has changed its folder" {
	cd "$folder"
	printf '%s\n' 'workers 2' 'pid-file pid' 'log-to log' >conf
	in_folder "$PWD" "$HANDYPROXY" -daemon -local-port "$daemon_port" -config conf \
	    -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null
	daemon_log=$folder/log
	kill -s HUP "$(<pid)"
	if has_many_users; then
		# Only root can read the folder.
		assert_log 'error master: the configuration is wrong.*Permission denied'
	else
		assert_log 'notice master: configuration read again'
	fi
	daemon_stop
	[ ! -s pid ]
}

@test "-daemon -log-to stderr keeps its caller's stderr" {
	in_router "$HANDYPROXY" -daemon -log-to stderr -local-port "$daemon_port" \
	    -pid-file "$folder/pid" -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null 2>"$folder/log"
	daemon_log=$folder/log
	assert_log "notice master: handyproxy .* listening on 0.0.0.0:$daemon_port"
	daemon_stop
	assert_log 'notice master: stopped'
}

@test "a start with standard input, output and error closed serves as any other" {
	lab_start router "$HANDYPROXY" -local-port "$daemon_port" -log-to "$folder/log" \
	    -upstream-proxy "$NOBODYS_UPSTREAM" -workers 2 <&- >&- 2>&-
	master=$!
	daemon_log=$folder/log
	wait_until 10 handyproxy_is_up
	is_bound "$daemon_port"
	kill -s USR1 "$master"
	assert_log 'totals of all'
	assert_equal "$(worker_count)" 2
	refute_log ' (error |stderr)'
	for pid in "$master" "$(worker_pid 0)" "$(worker_pid 1)"; do
		for fd in 0 1; do
			assert_equal "$(readlink "/proc/$pid/fd/$fd")" /dev/null
		done
	done
	handyproxy_end

	in_router timeout 60 "$HANDYPROXY" -daemon -local-port "$daemon_port" -log-to "$folder/log2" \
	    -pid-file "$folder/pid" -upstream-proxy "$NOBODYS_UPSTREAM" <&- >&- 2>&-
	is_bound "$daemon_port"
	daemon_log=$folder/log2
	kill -s USR1 "$(<"$folder/pid")"
	assert_log 'totals of all'
	daemon_stop
}

# --- the pid file

@test "the pid file has the master's pid, is root's, mode 0644 and locked" {
	umask 077
	handyproxy_start -pid-file "$folder/pid"
	assert_equal "$(<"$folder/pid")" "$master"
	assert_equal "$(stat -c '%u:%g %a' "$folder/pid")" "$(id -u):$(id -g) 644"
	run ! flock --nonblock "$folder/pid" true
	grep -q "FLOCK .* $master .*:$(stat -c %i "$folder/pid") " /proc/locks
}

@test "a pid file of a daemon that was killed does not stop a start" {
	echo 1 >"$folder/pid"
	handyproxy_start -pid-file "$folder/pid"
	assert_equal "$(<"$folder/pid")" "$master"
	kill -s KILL "$master"
	handyproxy_wait 10 137
	assert_equal "$(wc -l <"$folder/pid")" 1
	wait_until 10 no_handyproxies
	handyproxy_start -pid-file "$folder/pid"
	assert_equal "$(<"$folder/pid")" "$master"
}

# What any user can do who may read the file: LOCK_SH and LOCK_EX of flock(2),
# F_RDLCK of fcntl(2).
hold_lock() { # KIND FILE
	in_router python3 -c '
import fcntl, signal, sys
signal.alarm(300)  # whatever becomes of the test
file = open(sys.argv[2])
if sys.argv[1] == "F_RDLCK":
    fcntl.lockf(file, fcntl.LOCK_SH)
else:
    fcntl.flock(file, getattr(fcntl, sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()' "$@"
}

@test "a reader's lock on the pid file does not stop a start" {
	local kind
	for kind in LOCK_SH LOCK_EX F_RDLCK; do
		echo 1 >"$folder/pid"
		chmod 644 "$folder/pid"
		coproc reader { hold_lock "$kind" "$folder/pid" 3>&-; }
		read -r -u "${reader[0]}" said
		assert_equal "$said" locked
		daemon_port=$(free_port)
		handyproxy_start -pid-file "$folder/pid"
		assert_equal "$(<"$folder/pid")" "$master"
		assert_equal "$(stat -c '%a' "$folder/pid")" 644
		# The lock that counts is held all the same.
		assert_status 1 in_router timeout 60 "$HANDYPROXY" \
		    -local-port "$(free_port)" -pid-file "$folder/pid"
		assert_one_line_says "-pid-file $folder/pid" 'another instance is running'
		kill "$reader_PID"
		wait "$reader_PID" || :
		kill -s TERM "$master"
		handyproxy_wait 10 0
	done
}

@test "workers of a master that was killed do not keep the pid file locked" {
	handyproxy_start -pid-file "$folder/pid"
	# A worker that cannot end.
	kill -s STOP "$(worker_pid 0)"
	stopped=$(worker_pid 0)
	kill -s KILL "$master"
	handyproxy_wait 10 137
	daemon_port=$(free_port)
	handyproxy_start -pid-file "$folder/pid"
	kill -s KILL "$stopped"
}

@test "at the end the pid file is emptied, and removed where that is permitted" {
	if has_many_users; then
		handyproxy_start -pid-file "$folder/pid" -user nobody
		kill -s TERM "$master"
		handyproxy_wait 10 0
		[ -e "$folder/pid" ]
		[ ! -s "$folder/pid" ]
		in_router install -d -o nobody /run/handyproxy
	else
		in_router install -d /run/handyproxy
	fi
	handyproxy_start -pid-file /run/handyproxy/pid
	in_router test -s /run/handyproxy/pid
	kill -s TERM "$master"
	handyproxy_wait 10 0
	in_router test ! -e /run/handyproxy/pid
}

@test "a pid file that was replaced is left alone" {
	in_router mkdir -p -m 777 /run/shared
	handyproxy_start -pid-file /run/shared/pid
	in_router sh -c 'echo other >/run/shared/new; mv /run/shared/new /run/shared/pid'
	kill -s TERM "$master"
	handyproxy_wait 10 0
	assert_equal "$(in_router cat /run/shared/pid)" other
}

# --- names

@test "processes have the names that ps shows" {
	handyproxy_start -workers 11 -upstream-proxy localhost:3128
	assert_equal "$(comm_of "$master")" handyproxy
	wait_until 10 has_resolver
	assert_equal "$(children_named '*' | while read -r pid; do comm_of "$pid"; done | sort -V)" \
	    "$(printf '%s\n' handyproxy:dns handyproxy:w{0..10})"
}
