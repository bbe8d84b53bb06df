# SPDX-License-Identifier: MIT
# scripts/quickstart: what it prints, and what it changes on its host, which is
# the lab's router.

bats_require_minimum_version 1.5.0

load lab

QUICKSTART=$(cd "$BATS_TEST_DIRNAME/../../scripts" && pwd)/quickstart
PROXY=$BATS_TEST_DIRNAME/quickstart_proxy.py
ORIGIN=93.184.216.34

setup_file() {
	lab_up
	mkdir "$BATS_FILE_TMPDIR/site"
	echo 'a page of the site' >"$BATS_FILE_TMPDIR/site/index.html"
	for port in 80 443; do
		lab_start upstream python3 -m http.server --bind "$ORIGIN" "$port" \
		    --directory "$BATS_FILE_TMPDIR/site" >/dev/null 2>&1
		wait_until 10 listens upstream "$port"
	done
}

teardown_file() {
	lab_down
}

setup() {
	log=$BATS_TEST_TMPDIR/log
	proxy_log=$BATS_TEST_TMPDIR/proxy
	quickstart_pid=
}

teardown() {
	[ -z "$quickstart_pid" ] || kill -s KILL "$quickstart_pid" 2>/dev/null || :
	wait_until 20 is_over
	lab_clear
}

listens() { # HOST PORT
	lab_in "$1" ss -Hltn "sport = $2" | grep -q .
}

# If there is only one user, its exemption applies to all processes.
needs_users() {
	lab_has_users || skip 'a user namespace made without help has one user only'
}

proxy_start() { # HOST ADDRESS [STATUS]
	lab_start "$1" python3 "$PROXY" "${user-0}" "$2:3128" "$ORIGIN" "${@:3}" \
	    >"$proxy_log" 2>&1
	wait_until 10 grep -q ready "$proxy_log"
}

quickstart_start() { # OPTION...
	lab_start router "$QUICKSTART" "$@" >"$log" 2>&1
	quickstart_pid=$!
}

quickstart_up() { # OPTION...
	quickstart_start "$@"
	wait_until 30 grep -q 'The rules are up' "$log" || it_said 'The rules are up'
}

# Waits until it ends by itself or after a signal; its exit status is in
# $status.
quickstart_end() {
	status=0
	wait "$quickstart_pid" || status=$?
	quickstart_pid=
}

it_said() { # WORDS
	grep -q -e "$1" "$log" || {
		cat "$log"
		return 1
	}
}

rules_are_up() {
	in_router "${QUICKSTART%/*}/../iptables/output.sh" status --name quickstart >/dev/null
}

# PIDs of the daemon's processes on the router.
daemon_pids() { # NAME
	local pid
	for pid in $(in_router ip netns pids router); do
		! grep -sqx "$1" "/proc/$pid/comm" || echo "$pid"
	done
}

is_over() {
	! rules_are_up && ! listens router 8443 && [ -z "$(daemon_pids 'handyproxy.*')" ]
}

fetch() { # PORT
	in_router curl -sS --max-time 10 "http://$ORIGIN:$1/"
}

@test "quickstart: without options it shows the page, the log line and the CONNECT" {
	run -0 "$QUICKSTART"
	[[ $output == *'This page came all the way'* ]]
	[[ $output == *'connection closed'*'host=www.example.com'*'result=done'* ]]
	[[ $output == *'CONNECT www.example.com:80 HTTP/1.1'*'CONNECT www.example.com:443 HTTP/1.1'* ]]
	[ "$(grep -c 'This page came all the way' <<<"$output")" -eq 2 ]
	grep -Eqx 'compiled: [0-9]+ files' <<<"$output"
	[[ $output != *'  CC '* && $output != *'press Enter'* ]]
}

@test "quickstart: in a terminal its hosts can be tried until Enter is pressed" {
	python3 - "$QUICKSTART" >"$log" <<-'END'
		import os, pty, re, subprocess, sys
		pid, terminal = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], sys.argv[1:])
		text = ""
		while not (offer := re.search(r"press Enter.*:\s+(nsenter .*https\S+)\s", text)):
		    text += os.read(terminal, 65536).decode()
		print(text)
		print("tried:", subprocess.run(offer[1], shell=True, check=True,
		                               capture_output=True, text=True).stdout)
		os.write(terminal, b"\n")
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	it_said 'tried: This page came all the way'
	it_said 'compiled: [0-9]* files'
}

@test "quickstart: what the build says is shown if it fails, and nothing is begun" {
	local copy=$BATS_TEST_TMPDIR/copy
	mkdir -p "$copy/src" "$copy/tests/fixtures"
	cp -a "${QUICKSTART%/*}" "${QUICKSTART%/*}/../GNUmakefile" "$copy"
	echo 'int main(void) { return nothing; }' >"$copy/src/main.c"
	run -1 "$copy/scripts/quickstart"
	[[ $output == *nothing*undeclared*'quickstart: the build failed' ]]
}

@test "quickstart: this host's connections go through the proxy until it is interrupted" {
	needs_users
	proxy_start upstream 10.1.0.2
	quickstart_up -upstream-proxy 10.1.0.2
	[ "$(fetch 80)" = 'a page of the site' ]
	[ "$(fetch 443)" = 'a page of the site' ]
	grep -qx "CONNECT $ORIGIN:80 HTTP/1.1" "$proxy_log"
	grep -qx "CONNECT $ORIGIN:443 HTTP/1.1" "$proxy_log"

	kill -s TERM "$quickstart_pid"
	quickstart_end
	[ "$status" -eq 0 ]
	is_over
	[ "$(fetch 80)" = 'a page of the site' ]
	[ "$(grep -c "CONNECT $ORIGIN:80" "$proxy_log")" -eq 1 ]
}

@test "quickstart: the proxy may be written as a URL, and is asked by name" {
	needs_users
	proxy_start upstream 10.1.0.2
	quickstart_up -upstream-proxy http://10.1.0.2:3128/
	[ "$(in_router curl -sS --max-time 10 -H 'Host: example.com' "http://$ORIGIN/")" = \
	    'a page of the site' ]
	grep -qx "CONNECT example.com:80 HTTP/1.1" <(tail -n 1 "$proxy_log")
}

@test "quickstart: a URL with a password, or of another kind, is refused" {
	local url
	for url in http://alice:secret@10.1.0.2:3128/ https://10.1.0.2:3128 10.1.0.2/path; do
		run -1 "$QUICKSTART" -upstream-proxy "$url"
		[[ $output == "quickstart: "* && $output != *secret* ]]
	done
}

@test "quickstart: the rules are gone after a SIGKILL, and so is the daemon" {
	needs_users
	proxy_start upstream 10.1.0.2
	quickstart_up -upstream-proxy=10.1.0.2:3128
	rules_are_up
	kill -s KILL "$quickstart_pid"
	quickstart_end
	[ "$status" -ne 0 ]
	wait_until 20 is_over
}

@test "quickstart: the rules are gone when the daemon was killed" {
	needs_users
	proxy_start upstream 10.1.0.2
	quickstart_up --upstream-proxy 10.1.0.2
	rules_are_up
	kill -s KILL "$(daemon_pids handyproxy)"
	quickstart_end
	[ "$status" -ne 0 ]
	wait_until 20 is_over
}

@test "quickstart: a SIGKILL while the rules go up leaves none behind" {
	needs_users
	proxy_start upstream 10.1.0.2
	quickstart_start -upstream-proxy 10.1.0.2
	wait_until 30 listens router 8443
	kill -s KILL "$quickstart_pid"
	quickstart_end
	[ "$status" -ne 0 ]
	wait_until 20 is_over
}

@test "quickstart: where the proxy refuses port 80 plain HTTP is relayed, and it says why" {
	needs_users
	proxy_start upstream 10.1.0.2 403
	quickstart_up -upstream-proxy 10.1.0.2
	it_said 'refuses CONNECT to port 80 (status 403): plain HTTP goes as proxy requests'
	[ "$(fetch 80)" = 'a page of the site' ]
	[ "$(fetch 443)" = 'a page of the site' ]
	run ! grep "CONNECT $ORIGIN:80" "$proxy_log"
	grep -qx "GET http://$ORIGIN/ HTTP/1.1" "$proxy_log"
	grep -qx "CONNECT $ORIGIN:443 HTTP/1.1" "$proxy_log"
}

@test "quickstart: a proxy on this host is found and exempt" {
	needs_users
	user=13 proxy_start router 127.0.0.1
	quickstart_up -upstream-proxy localhost
	[ "$(fetch 80)" = 'a page of the site' ]
	[ "$(grep -c "CONNECT $ORIGIN:80" "$proxy_log")" -eq 1 ]
}

@test "quickstart: a proxy on this host that runs as root is refused, and nothing stays" {
	needs_users
	proxy_start router 127.0.0.1
	quickstart_start -upstream-proxy 127.0.0.1
	quickstart_end
	[ "$status" -ne 0 ]
	it_said '--exempt-user'
	wait_until 20 is_over
}

@test "quickstart: a proxy that wants credentials, or is not there, changes nothing" {
	needs_users
	quickstart_start -upstream-proxy 10.1.0.2
	quickstart_end
	[ "$status" -ne 0 ]
	it_said 'no answer to CONNECT example.com:80'
	proxy_start upstream 10.1.0.2 407
	quickstart_start -upstream-proxy 10.1.0.2
	quickstart_end
	[ "$status" -ne 0 ]
	it_said 'wants credentials'
	it_said '-upstream-credentials FILE'
	is_over
}

@test "quickstart: credentials are given to the proxy, and shown to nobody" {
	needs_users
	proxy_start upstream 10.1.0.2 407 'open "sesame'
	printf 'alice\nopen "sesame\n' >"$BATS_TEST_TMPDIR/credentials"
	chmod 600 "$BATS_TEST_TMPDIR/credentials"
	quickstart_up -upstream-proxy 10.1.0.2 -upstream-credentials "$BATS_TEST_TMPDIR/credentials"
	[ "$(fetch 443)" = 'a page of the site' ]
	grep -qx "CONNECT $ORIGIN:443 HTTP/1.1" "$proxy_log"
	run ! grep sesame "$log"
}

@test "quickstart: it says what it waits for before it waits" {
	needs_users
	lab_start upstream python3 -c '
import signal, socket
listener = socket.create_server(("10.1.0.2", 3128))
signal.pause()' >/dev/null 2>&1
	wait_until 10 listens upstream 3128
	quickstart_start -upstream-proxy 10.1.0.2
	wait_until 15 it_said 'Asking 10.1.0.2:3128 for CONNECT example.com:80'
	kill -0 "$quickstart_pid"
	kill -s TERM "$quickstart_pid"
	quickstart_end
}

@test "quickstart: a port in use is reported, and nothing is left" {
	needs_users
	proxy_start upstream 10.1.0.2
	lab_start router python3 -m http.server --bind 0.0.0.0 8443 >/dev/null 2>&1
	wait_until 10 listens router 8443
	quickstart_start -upstream-proxy 10.1.0.2
	quickstart_end
	[ "$status" -ne 0 ]
	kill %%
	it_said '8443.*Address.* in use'
	wait_until 20 is_over
}

@test "quickstart: unknown arguments are refused" {
	run -2 "$QUICKSTART" -no-such
	run -2 "$QUICKSTART" -upstream-proxy
	run -0 "$QUICKSTART" -help
	[[ $output == usage:* ]]
}
