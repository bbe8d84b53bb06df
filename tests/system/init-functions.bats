# SPDX-License-Identifier: MIT
# The functions shared by the init scripts, in each shell that may run them.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

shells=(dash 'busybox ash' bash)

# in_each_shell WANTED SCRIPT [ARGUMENT...]: checks the script's output;
# busybox' shell uses busybox' tools.
in_each_shell() {
	local wanted=$1 script=$2 shell path

	shift 2
	for shell in "${shells[@]}"; do
		command -v "${shell%% *}" > /dev/null || continue
		path=$PATH
		[ "$shell" != 'busybox ash' ] || path=$PWD/busybox:$PATH
		# shellcheck disable=SC2086 # two words
		run --separate-stderr -0 env PATH="$path" $shell -c \
		    "daemon='$program'; settings=/etc/settings
		    . '$repository/scripts/init/functions.sh'; $script" - "$@"
		echo "$shell: $script $*: '$output', not '$wanted'; $stderr"
		[ "$output" = "$wanted" ]
		[ -z "$stderr" ]
	done
}

setup() {
	local tool

	program=$repository/${BUILD:-build/gcc}/handyproxy
	[[ ${BUILD-} != /* ]] || program=$BUILD/handyproxy
	cd "$BATS_TEST_TMPDIR" || return
	mkdir busybox
	for tool in awk cat grep ls mv printf rm sleep tr; do
		ln -s "$(command -v busybox)" "busybox/$tool"
	done
}

teardown() {
	# shellcheck disable=SC2046 # a list of pids
	kill $(jobs -p) 2> /dev/null || :
}

@test "init: the kill time is the drain timeout, rounded up, and five seconds" {
	while read -r drain wanted; do
		printf 'drain-timeout %s\r\n' "$drain" > conf
		in_each_shell "$wanted" 'handyproxy_kill_time conf'
	done <<- 'END'
		0	5
		5s	10
		500ms	6
		1m30s	95
		1.5h	5405
		2h4m	7445
		1h0m0.001s	3606
		7us	6
		1m1ms	66
		1m0.0001s	65
		+5s	10
	END
}

@test "init: options are read as the daemon reads them" {
	cat > conf <<- 'END'
		# drain-timeout 1s
		drain-timeout 2s
		  drain-timeout	 4s# the last one counts
		#drain-timeout 5s
		local-port 8444 # ours
	END
	in_each_shell 4s 'handyproxy_option conf drain-timeout'
	in_each_shell 8444 'handyproxy_option conf local-port'
	in_each_shell '' 'handyproxy_option conf user'
	in_each_shell 9 'handyproxy_kill_time conf'
	printf 'drain-timeout 4s\v\r\nlocal-port\t08444\f\r\n' > conf
	in_each_shell 9 'handyproxy_kill_time conf'
	in_each_shell 8444 'handyproxy_option conf local-port'
	echo 'drain-timeout 4' > conf
	in_each_shell 'handyproxy: conf is wrong: a stop may take a minute
60' 'handyproxy_kill_time conf 2>&1 | grep -v expected'
	: > conf
	in_each_shell 10 'handyproxy_kill_time conf'
}

@test "init: a pid counts as long as it is the daemon's" {
	cp "$(command -v sleep)" handyproxy
	./handyproxy 60 &
	echo $! > pid
	in_each_shell $! 'handyproxy_pid pid'
	in_each_shell no 'handyproxy_pid missing || echo no'
	: > empty
	in_each_shell no 'handyproxy_pid empty || echo no'
	echo $$ > other
	in_each_shell no 'handyproxy_pid other || echo no'
	kill %1
	wait %1 || :
	in_each_shell no 'handyproxy_pid pid || echo no'
}

@test "init: a dead daemon that nobody has reaped does not run" {
	cp "$(command -v sleep)" handyproxy
	python3 -c '
import signal, subprocess
print(subprocess.Popen(["./handyproxy", "60"]).pid, flush=True)
signal.pause()' > pid &
	wait_until 10 test -s pid
	in_each_shell "$(cat pid)" 'handyproxy_pid pid'
	kill "$(cat pid)"
	wait_until 10 grep -q '^State:.Z' "/proc/$(cat pid)/status"
	in_each_shell no 'handyproxy_pid pid || echo no'
}

# daemon_start [ADDRESS FAMILY [PORT]]: a process with the daemon's name that listens
# on port 8443 of a network of its own, until SIGUSR1; and on an IPv4 port for its
# status.
daemon_start() {
	local namespaces=(--net)

	[ "$(id -u)" -eq 0 ] || namespaces+=(--user --map-root-user)
	unshare "${namespaces[@]}" python3 -c '
import pathlib, signal, socket
pathlib.Path("/proc/self/comm").write_text("handyproxy")
listener = socket.create_server(("'"${1-127.0.0.1}"'", 8443),
                                family=socket.'"${2-AF_INET}"')
status = [socket.create_server(("127.0.0.1", port)) for port in ['"${3-}"']]
signal.signal(signal.SIGUSR1, lambda *_: listener.close())
pathlib.Path("ready").touch()
while True:
    signal.pause()
    pathlib.Path("closed").touch()' 3>&- &
	echo $! > pid
	wait_until 60 test -e ready
}

@test "init: a daemon is waited for until it listens, and a daemon that ends does not listen" {
	daemon_start
	printf 'local-port 08443\n' > here
	printf 'local-port 8444\n' > there
	: > default
	in_each_shell 8443 'handyproxy_ports pid'
	in_each_shell 8443 'handyproxy_wait pid 0 && handyproxy_ports pid'
	in_each_shell yes 'handyproxy_port_right pid here && echo yes'
	in_each_shell yes 'handyproxy_port_right pid default && echo yes'
	in_each_shell 'handyproxy pid: restart it: the port has changed from 8443 to 8444' \
	    'handyproxy_port_right pid there 2>&1 || :'
	kill -s USR1 "$(cat pid)"
	wait_until 60 test -e closed
	in_each_shell no 'handyproxy_ports pid || echo no'
	in_each_shell no 'handyproxy_wait pid 0 || echo no'
	in_each_shell 'handyproxy pid: no daemon listens' \
	    'handyproxy_port_right pid here 2>&1 || :'
	kill "$(cat pid)"
	wait || :
	in_each_shell no 'handyproxy_wait pid 0 || echo no'
}

@test "init: rules get a port without its leading zeros" {
	printf '#!/bin/sh\necho "$*"\n' > output.sh
	chmod +x output.sh
	printf 'local-port 08443\n' > conf
	in_each_shell 'up --to-port 8443
handyproxy handyproxy: rules are up: output ' \
	    'handyproxy_ports() { echo 8443; }
	    libexecdir=. rundir=.; RULES=output; handyproxy_rules_up handyproxy conf'
}

@test "init: rules that cannot be taken down stay on the list" {
	cat > prerouting.sh <<- 'END'
		#!/bin/sh
		echo "${0##*/} $*"
		[ "$RESULT" = 0 ]
	END
	chmod 755 prerouting.sh
	cp prerouting.sh output.sh
	in_each_shell 'prerouting.sh down
output.sh down
prerouting.sh down
output.sh down' \
	    'export RESULT=1; libexecdir=. rundir=.
	    printf "prerouting\noutput\n" > handyproxy.rules
	    ! handyproxy_rules_down handyproxy 2> left || exit 1
	    RESULT=0; handyproxy_rules_down handyproxy
	    handyproxy_rules_down handyproxy'
	diff left - <<- 'END'
		handyproxy handyproxy: the rules of prerouting are still up: without the daemon connections are refused until this succeeds: ./prerouting.sh down
		handyproxy handyproxy: the rules of output are still up: without the daemon connections are refused until this succeeds: ./output.sh down
	END

	# Rules that RULES no longer name.
	: > conf
	sed -i '$d' output.sh
	in_each_shell 'prerouting.sh down --name guests
output.sh up --name guests --to-port 8443
handyproxy guests: rules are up: output 
no
prerouting
output' \
	    'handyproxy_ports() { echo 8443; }
	    libexecdir=. rundir=.; RULES=output
	    export RESULT=1; echo prerouting > guests.rules
	    handyproxy_rules_up guests conf 2> left || echo no
	    cat guests.rules'
	grep -q 'succeeds: ./prerouting.sh down --name guests' left
}

@test "init: rules that could not be put up are refused, with the reason" {
	while IFS='|' read -r name rules wanted; do
		export RULES=${rules//;/$'\n'}
		in_each_shell "${wanted:+handyproxy $name: }$wanted" \
		    "handyproxy_rules_right '$name' 2>&1 || :"
		in_each_shell "${wanted:+no}" \
		    "handyproxy_rules_right '$name' 2> /dev/null || echo no"
	done <<- 'END'
		handyproxy||
		fourteen_bytes||
		fourteen-bytes|; # output; |
		thirteen_byte| output --ports 80,443 ;	prerouting;|
		fourteen_bytes|output|with rules a name has at most 13 of A-Z a-z 0-9 _ . -
		a+b|output|with rules a name has at most 13 of A-Z a-z 0-9 _ . -
		guests|preroutin --ports 80|no such rules: preroutin
		guests|output; output --ports 80;#|RULES name output twice: give all of it on one line, or make another instance
	END
}

@test "init: rules are called with the instance's name, port and user" {
	cat > prerouting.sh <<- 'END'
		#!/bin/sh
		echo "${0##*/} $*"
	END
	chmod 755 prerouting.sh
	cp prerouting.sh output.sh
	printf 'local-port 8444\nuser proxy\n' > conf
	RULES='prerouting --interface ppp+ --ports 80,443
		# a comment

	    output --exclude 10.0.0.0/8'
	export RULES
	in_each_shell 'prerouting.sh up --name guests --to-port 8444 --interface ppp+ --ports 80,443
handyproxy guests: rules are up: prerouting --interface ppp+ --ports 80,443
output.sh up --name guests --to-port 8444 --user proxy --exclude 10.0.0.0/8
handyproxy guests: rules are up: output --exclude 10.0.0.0/8' \
	    'handyproxy_ports() { echo 8444; }
	    libexecdir=. rundir=.; handyproxy_rules_up guests conf'
	in_each_shell 'prerouting.sh down --name guests
output.sh down --name guests' \
	    'libexecdir=. rundir=.; handyproxy_rules_down guests
	    printf "prerouting\noutput\n" > guests.rules'
	: > conf
	RULES=$'\r\n\toutput --ports 443\r\n'
	in_each_shell 'output.sh up --to-port 8443 --ports 443
handyproxy handyproxy: rules are up: output --ports 443
output.sh down' \
	    'handyproxy_ports() { echo 8443; }
	    libexecdir=. rundir=.; handyproxy_rules_up handyproxy conf
	    handyproxy_rules_down handyproxy; handyproxy_rules_down handyproxy'
}

@test "init: without RULES it is said that nothing is redirected" {
	: > conf
	cat > output.sh <<- 'END'
		#!/bin/sh
		echo "${0##*/} $*"
	END
	chmod +x output.sh
	for RULES in '' $'\n\t# output\n' $'\r\n'; do
		export RULES
		echo output > guests.rules
		in_each_shell 'output.sh down --name guests
handyproxy guests: no RULES in /etc/settings: nothing is redirected
handyproxy guests: no RULES in /etc/settings: nothing is redirected' \
		    'handyproxy_ports() { echo 8443; }
		    libexecdir=. rundir=.; echo output > guests.rules
		    handyproxy_rules_up guests conf
		    handyproxy_rules_up guests conf'
	done
}

@test "init: the port is that of a daemon that listens on IPv6" {
	daemon_start :: AF_INET6
	in_each_shell 8443 'handyproxy_ports pid'
	kill "$(cat pid)"
}

# Its socket comes first in the kernel's tables here.
@test "init: the port of the status is not taken for the one of the clients" {
	daemon_start :: AF_INET6 9090
	printf '%s\n' 'local-port 8443' 'status-address 127.0.0.1:9090' > here
	printf '%s\n' 'local-port 8444' 'status-address [::1]:9090' > there
	in_each_shell yes 'handyproxy_port_right pid here && echo yes'
	in_each_shell 'handyproxy pid: restart it: the port has changed from 8443 to 8444' \
	    'handyproxy_port_right pid there 2>&1 || :'
	kill "$(cat pid)"
}
