# What the init scripts have in common, by each shell that may run it.

bats_require_minimum_version 1.5.0
repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

shells=(dash 'busybox ash' bash)

# in_each_shell WANTED SCRIPT [ARGUMENT...]: what the script prints.
in_each_shell() {
	local wanted=$1 script=$2 shell

	shift 2
	for shell in "${shells[@]}"; do
		command -v "${shell%% *}" > /dev/null || continue
		# shellcheck disable=SC2086 # two words
		run --separate-stderr -0 $shell -c \
		    ". '$repository/scripts/init/functions.sh'; $script" - "$@"
		echo "$shell: $script $*: '$output', not '$wanted'; $stderr"
		[ "$output" = "$wanted" ]
		[ -z "$stderr" ]
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "init: the kill time is the drain timeout, rounded up, and five seconds" {
	while read -r drain wanted; do
		echo "drain-timeout $drain" > conf
		in_each_shell "$wanted" 'handyproxy_kill_time conf'
	done <<- 'END'
		0	5
		5s	10
		500ms	6
		1m30s	95
		1.5h	5405
		2h4m	7445
		1h0m0.001s	3606
		7us	5
		1m1ms	66
	END
}

@test "init: options are read as the daemon reads them" {
	cat > conf <<- 'END'
		# drain-timeout 1s
		drain-timeout 2s
		drain-timeout-more 3s
		  drain-timeout	 4s# the last one counts
		#drain-timeout 5s
		local-port 8444 # ours
	END
	in_each_shell 4s 'handyproxy_option conf drain-timeout'
	in_each_shell 8444 'handyproxy_option conf local-port'
	in_each_shell '' 'handyproxy_option conf user'
	in_each_shell 9 'handyproxy_kill_time conf'
	: > conf
	in_each_shell 10 'handyproxy_kill_time conf'
}

@test "init: a pid counts as long as it is the daemon's" {
	cp "$(command -v sleep)" handyproxy
	./handyproxy 60 &
	echo $! > pid
	in_each_shell $! 'handyproxy_pid pid'
	in_each_shell $! 'handyproxy_wait pid 1; cat pid'
	in_each_shell no 'handyproxy_pid missing || echo no'
	: > empty
	in_each_shell no 'handyproxy_pid empty || echo no'
	in_each_shell no 'handyproxy_wait empty 0 || echo no'
	echo $$ > other
	in_each_shell no 'handyproxy_pid other || echo no'
	kill %1
	wait %1 || :
	in_each_shell no 'handyproxy_pid pid || echo no'
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
	    handyproxy_rules_down handyproxy
	    RESULT=0; handyproxy_rules_down handyproxy
	    handyproxy_rules_down handyproxy'
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
output.sh up --name guests --to-port 8444 --user proxy --exclude 10.0.0.0/8' \
	    'libexecdir=. rundir=.; handyproxy_rules_up guests conf'
	in_each_shell 'prerouting.sh down --name guests
output.sh down --name guests' \
	    'libexecdir=. rundir=.; handyproxy_rules_down guests
	    printf "prerouting\noutput\n" > guests.rules'
	: > conf
	RULES=output
	in_each_shell 'output.sh up
output.sh down' \
	    'libexecdir=. rundir=.; handyproxy_rules_up handyproxy conf
	    handyproxy_rules_down handyproxy; handyproxy_rules_down handyproxy'
}
