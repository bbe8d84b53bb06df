# SPDX-License-Identifier: MIT
# daemon.bash - HandyProxy as the bats files use it: started in the lab's
# router, looked at from outside, and stopped whatever happens.
#
#     load daemon
#     setup_file() { lab_up; }
#     teardown_file() { lab_down; }
#     teardown() { handyproxy_test_end; }
#     @test "..." { handyproxy_start -workers 2; kill "$(worker_pid 0)"; ... }
#
# The environment: HANDYPROXY is the program (build/gcc/handyproxy), and
# HANDYPROXY_EXTRA has options for every start of it.

load lab
bats_require_minimum_version 1.5.0

: "${HANDYPROXY:=$BATS_TEST_DIRNAME/../../build/gcc/handyproxy}"
HANDYPROXY=$(realpath "$HANDYPROXY")

# A literal address, so that no name has to be resolved.
NOBODYS_UPSTREAM=10.1.0.2:3128

# A crash must remain a crash: a sanitizer would turn the signal into an exit
# status. The leak checker uses ptrace(2), which the sandbox forbids.
export ASAN_OPTIONS=handle_segv=0:verify_asan_link_order=0:detect_leaks=0:${ASAN_OPTIONS-}
REPORTS='ERROR: [A-Za-z]*Sanitizer|runtime error:|Assertion .* failed'

# Returns when all workers have started. $master is the master's pid,
# $daemon_port its port, and $daemon_log the file of its standard error, without
# lines of earlier daemons.
handyproxy_start() { # OPTION...
	daemon_log=$BATS_TEST_TMPDIR/log
	assert_no_report
	: >"$daemon_log"
	: "${daemon_port:=$(free_port)}"
	# shellcheck disable=SC2086 # options
	lab_start router "${launcher[@]}" "$HANDYPROXY" -local-port "$daemon_port" \
	    -upstream-proxy "$NOBODYS_UPSTREAM" -drain-timeout 1s -workers 2 \
	    ${HANDYPROXY_EXTRA-} "$@" </dev/null >/dev/null 2>>"$daemon_log"
	master=$!
	wait_until 10 handyproxy_is_up "$@" || {
		cat "$daemon_log"
		return 1
	}
}

# Whether the program can become another user, because there is not only root.
has_many_users() {
	[ "$(id -u)" -eq 0 ] && awk '{ users += $3 } END { exit users < 65536 }' /proc/self/uid_map
}

# The command that starts the program: setsid, prlimit and the like, with their
# arguments.
launcher=()

handyproxy_is_up() { # OPTION...
	local expected=2
	while [ $# -gt 1 ]; do
		[ "$1" != -workers ] || expected=$2
		shift
	done
	[ "$(worker_count)" -eq "$expected" ]
}

# Stops the daemon if it runs. It must end with status 0, leave no process
# behind, and have reported no error of its own.
handyproxy_end() {
	local failed=
	if [ -n "${master-}" ]; then
		kill -s TERM "$master" 2>/dev/null || :
		handyproxy_wait 10 0 || failed=yes
	fi
	no_handyproxies || {
		echo "left behind: $(handyproxies)"
		failed=yes
		# shellcheck disable=SC2046 # a list of pids
		kill -s KILL $(handyproxies)
		wait_until 10 no_handyproxies
	}
	assert_no_report || failed=yes
	if [ -n "$failed" ] && [ -e "${daemon_log-}" ]; then
		cat "$daemon_log"
	fi
	[ -z "$failed" ]
}

# The end of a test, also where it failed: nothing that it started goes on.
handyproxy_test_end() {
	local status=0
	[ -n "${BATS_TEST_COMPLETED-}" ] || handyproxy_explain
	handyproxy_end || status=1
	lab_clear
	return "$status"
}

# What a failed test leaves, for its output.
handyproxy_explain() {
	local pid
	for pid in $(handyproxies); do
		echo "pid $pid: $(comm_of "$pid"), $(status_of "$pid" State 2>/dev/null)"
	done
	in_router ss -Htan | sed 's/^/socket: /; 15q'
	tail -n 20 "${daemon_log:-/dev/null}" 2>/dev/null | cut -c -200 | sed 's/^/log: /'
}

# The master ends within this time, with this exit status.
handyproxy_wait() { # SECONDS STATUS
	local status=0
	wait_until "$1" has_ended "$master" || {
		echo "the master (pid $master) does not end"
		return 1
	}
	wait "$master" || status=$?
	master=
	[ "$status" -eq "$2" ] || {
		echo "the master ended with status $status, not $2"
		return 1
	}
}

# --- processes

# All processes of HandyProxy on the lab's router, whatever their parent.
handyproxies() {
	local pid
	for pid in $(in_router ip netns pids router); do
		case $(comm_of "$pid") in
		handyproxy*) echo "$pid" ;;
		esac
	done
}

no_handyproxies() {
	[ -z "$(handyproxies)" ]
}

# Children of the master by name, "handyproxy:w0" or a pattern.
children_named() { # PATTERN
	local pid
	# shellcheck disable=SC2013 # they are words
	for pid in $(cat "/proc/$master/task/$master/children" 2>/dev/null); do
		# shellcheck disable=SC2254 # a pattern
		case $(comm_of "$pid") in
		$1) echo "$pid" ;;
		esac
	done
}

worker_pid() { # NUMBER
	children_named "handyproxy:w$1"
}

worker_count() {
	children_named 'handyproxy:w*' | wc -l
}

resolver_pid() {
	children_named handyproxy:dns
}

# The worker with this number has another pid than this, and there is only one.
has_successor() { # NUMBER PID
	local now
	now=$(worker_pid "$1")
	[[ $now =~ ^[0-9]+$ ]] && [ "$now" != "$2" ]
}

# The worker is killed, and the next one is started so much later.
dies_and_is_back_after() { # MILLISECONDS NUMBER
	local before old took
	old=$(worker_pid "$2")
	before=$(uptime_ms)
	kill -s KILL "$old"
	wait_until 40 has_successor "$2" "$old"
	took=$(($(start_ms "$(worker_pid "$2")") - before))
	echo "worker $2 was started after $took ms, $1 are right"
	[ "$took" -ge "$(($1 - 50))" ]
	[ "$took" -lt "$(($1 + 900 + $(noise_ms)))" ]
}

has_resolver() {
	[ -n "$(resolver_pid)" ]
}

has_another_resolver() { # PID
	local now
	now=$(resolver_pid)
	[ -n "$now" ] && [ "$now" != "$1" ]
}

comm_of() { # PID
	cat "/proc/$1/comm" 2>/dev/null || :
}

status_of() { # PID KEY
	awk -v key="$2:" '$1 == key { $1 = ""; print substr($0, 2) }' "/proc/$1/status"
}

# Whether the process is dead, reaped or not.
has_ended() { # PID
	[ ! -e "/proc/$1" ] || [[ $(status_of "$1" State 2>/dev/null) == Z* ]]
}

is_stopped() { # PID
	[[ $(status_of "$1" State) == T* ]]
}

descriptors_of() { # PID
	find "/proc/$1/fd" -mindepth 1 -printf '%f %l\n' | sort -n
}

is_bound() { # PORT
	[ -n "$(in_router ss -Hltn "sport = :$1")" ]
}

is_free() { # PORT
	! is_bound "$1"
}

free_port() {
	in_router python3 -c '
import socket
print(socket.create_server(("0.0.0.0", 0)).getsockname()[1])'
}

# Another program on a port of the router. $! is its pid.
occupy() { # PORT
	lab_start router python3 -c '
import signal, socket, sys
listener = socket.create_server(("0.0.0.0", int(sys.argv[1])))
signal.pause()' "$1"
	wait_until 10 is_bound "$1"
}

# --- the log

# Fails at a report of a sanitizer or a failed assertion.
assert_no_report() {
	[ ! -e "${daemon_log-}" ] || ! grep -E "$REPORTS" "$daemon_log"
}

# Waits for a line that matches.
assert_log() { # PATTERN
	wait_until 10 grep -Eq "$1" "$daemon_log" || {
		printf 'no line matches "%s" in:\n' "$1"
		cat "$daemon_log"
		return 1
	}
}

# No line matches. Lines about a user that this machine lacks are ignored.
refute_log() { # PATTERN
	! grep -Ev 'warning master: (there is no user|user .* does not exist)' "$daemon_log" |
	    grep -E "$1" || {
		printf 'matches "%s"\n' "$1"
		return 1
	}
}

log_count() { # PATTERN
	grep -Ec "$1" "$daemon_log" || :
}

log_has() { # COUNT PATTERN
	[ "$(log_count "$2")" -ge "$1" ]
}

# Whether the master, and the writer of a log file, have dealt with all lines
# that are written so far.
log_is_through() {
	local pid
	for pid in "$master" $(children_named handyproxy:log); do
		has_read_all "$pid" || return 1
	done
}

# Whether nothing is in the pipes that the process reads, and it waits.
has_read_all() { # PID
	python3 - "/proc/$1" <<-'END'
		import fcntl, os, pathlib, re, sys, termios
		process = pathlib.Path(sys.argv[1])
		for link in process.glob("fd/*"):
		    flags = (process / "fdinfo" / link.name).read_text()
		    is_reader = re.search(r"flags:\s+\d*[04]$", flags, re.M)
		    if is_reader and os.readlink(link).startswith("pipe:"):
		        fd = os.open(link, os.O_RDONLY | os.O_NONBLOCK)
		        if fcntl.ioctl(fd, termios.FIONREAD, bytes(4)) != bytes(4):
		            sys.exit("the pipe is not empty")
		sys.exit(not re.search(r"State:\s+S", (process / "status").read_text()))
	END
}

# The number of lines that the master says it has dropped.
log_dropped() {
	awk '/ warning master: [0-9]+ log lines dropped$/ { sum += $(NF - 3) }
		END { print sum + 0 }' "$daemon_log"
}

# --- assertions

assert_equal() { # FOUND EXPECTED
	[ "$1" = "$2" ] || {
		printf 'found "%s", not "%s"\n' "$1" "$2"
		return 1
	}
}

# Checks the command's exit status; its output is in $output and $errors.
assert_status() { # STATUS COMMAND...
	local status=0 words=$BATS_TEST_TMPDIR/words
	"${@:2}" </dev/null >"$words" 2>"$words.errors" || status=$?
	output=$(<"$words")
	errors=$(<"$words.errors")
	[ "$status" -eq "$1" ] || {
		printf 'exit status %s, not %s: %s\n%s\n%s\n' "$status" "$1" "${*:2}" \
		    "$output" "$errors"
		return 1
	}
}

# There is one line on stderr, which has each of these texts, and nothing on
# stdout.
assert_one_line_says() { # TEXT...
	local text
	assert_equal "$output" ''
	[[ $errors != *$'\n'* ]] || {
		printf 'not exactly one line:\n%s\n' "$errors"
		return 1
	}
	for text; do
		[[ $errors == *"$text"* ]] || {
			printf 'no "%s" in: %s\n' "$text" "$errors"
			return 1
		}
	done
}
