# SPDX-License-Identifier: MIT
# The process that looks up the upstream's name: when it asks, what it does
# without an answer, and which processes get the answer.

load resolver

setup_file() {
	load resolver
	names_up
}

teardown_file() {
	lab_down
}

setup() {
	hosts_are
	name_server_says nxdomain
	echo 'nameserver 127.0.0.1' >"$NAMES/resolv.conf"
}

teardown() {
	handyproxy_test_end
	name_server_end
}

start() { # OPTION...
	handyproxy_start -upstream-proxy "$UPSTREAM_NAME" "$@"
}

@test "an upstream in the hosts file is found, all of its addresses" {
	hosts_are "10.1.0.2 $UPSTREAM_NAME" "10.1.0.3 $UPSTREAM_NAME" "fd02::2 $UPSTREAM_NAME"
	start
	assert_log "notice master: the upstream $UPSTREAM_NAME is at .*upstream=10.1.0.2:3128"
	assert_log 'upstream=10.1.0.3:3128'
	assert_log 'upstream=\[fd02::2\]:3128'
	refute_log ' (error|warning) '
}

@test "a name that does not resolve yet is asked for at least every two seconds" {
	local way times
	name_server_start
	for way in nxdomain servfail silence; do
		name_server_says "$way"
		: >"$NAMES/questions"
		start
		wait_until 12 was_asked 3
		times=$(question_times | xargs)
		echo "$way: $times"
		# shellcheck disable=SC2086 # words
		set -- $times
		while [ $# -gt 1 ]; do
			[ $(($2 - $1)) -lt $((3500 + $(noise_ms))) ]
			shift
		done
		name_server_says 10.1.0.2
		assert_log "notice master: the upstream $UPSTREAM_NAME is at upstream=10.1.0.2:3128"
		handyproxy_end
		# The log says so once, and says when it is over.
		[ "$way" = silence ] || assert_equal "$(log_count 'warning resolver: .*does not resolve')" 1
		refute_log ' error '
		: >"$daemon_log"
	done
}

@test "a daemon that starts without a name server and a resolv.conf comes up when they do" {
	: >"$NAMES/resolv.conf"
	start
	assert_log 'warning resolver: .*does not resolve, connections wait cause="'
	name_server_says 10.1.0.2
	name_server_start 127.0.0.2
	echo 'nameserver 127.0.0.2' >"$NAMES/resolv.conf"
	assert_log 'upstream=10.1.0.2:3128'
}

@test "names are followed each by itself: silence about one delays no other" {
	name_server_says silence
	name_server_start
	hosts_are '10.1.0.2 two.lab.test'
	handyproxy_start -upstream-proxy "$UPSTREAM_NAME,two.lab.test"
	assert_log 'the upstream two.lab.test is at upstream=10.1.0.2:3128'
	assert_log "$UPSTREAM_NAME does not resolve"
	# The silence took seconds, the other name none of them.
	assert_equal "$(grep -E 'is at|does not resolve' "$daemon_log" |
	    sed -n '1s/.* the upstream two.lab.test is at .*/first/p')" first
	hosts_are '10.1.0.3 two.lab.test'
	kill -s HUP "$master"
	assert_log 'the upstream two.lab.test is at upstream=10.1.0.3:3128'
}

@test "a name that stops resolving keeps its last addresses, and one warning says so" {
	name_server_says 10.1.0.2
	name_server_start
	start
	assert_log 'upstream=10.1.0.2:3128'
	for way in nxdomain servfail; do
		name_server_says "$way"
		: >"$NAMES/questions"
		wait_until 10 reload_until was_asked 2
	done
	assert_log 'warning resolver: .* does not resolve, its last addresses stay in use'
	assert_equal "$(log_count 'stay in use')" 1
	name_server_says 10.1.0.2
	wait_until 10 reload_until log_has 1 'notice resolver: .* resolves again'
	# Nothing changed for the workers.
	assert_equal "$(log_count 'is at ')" 1
}

# Reloads, then runs the command, which waits for the effect.
reload_until() { # COMMAND...
	kill -s HUP "$master"
	"$@"
}

@test "a reload right after another asks again after a second" {
	name_server_says 10.1.0.2
	name_server_start
	start
	assert_log 'upstream=10.1.0.2:3128'
	: >"$NAMES/questions"
	kill -s HUP "$master"
	wait_until 5 was_asked 1
	name_server_says 10.1.0.3
	kill -s HUP "$master"
	wait_until 5 was_asked 2
	assert_log 'upstream=10.1.0.3:3128'
}

@test "a reload asks at once, but not more than once a second" {
	local first
	name_server_says 10.1.0.2
	name_server_start
	start
	assert_log 'upstream=10.1.0.2:3128'
	name_server_says 10.1.0.3
	: >"$NAMES/questions"
	first=$(($(date +%s%3N) / 1000))
	for n in {1..40}; do
		kill -s HUP "$master"
		sleep 0.05
	done
	assert_log 'upstream=10.1.0.3:3128'
	[ "$(questions)" -ge 1 ]
	[ "$(questions)" -le $(($(date +%s%3N) / 1000 - first + 2)) ]
}

# hosts_have NUMBER: so many addresses of the upstream.
hosts_have() {
	local lines=()
	for ((n = 1; n <= $1; n++)); do
		lines+=("10.1.1.$n $UPSTREAM_NAME")
	done
	hosts_are "${lines[@]}"
}

@test "32 addresses are used, and more are warned of, once" {
	hosts_have 32
	start
	assert_log 'is at upstream=10.1.1.[0-9]+:3128.* more=24$'
	refute_log ' (error|warning) '
	hosts_have 40
	wait_until 10 reload_until log_has 1 'warning resolver: .* has 40 addresses, of which the first 32 are used'
	# It is not said again as long as it is so.
	hosts_have 39
	kill -s HUP "$master"
	hosts_have 31
	wait_until 10 reload_until log_has 1 'is at .* more=23$'
	assert_equal "$(log_count 'addresses, of which')" 1
}

@test "a name server that fails for one family hides nothing of the other" {
	local bad way good
	name_server_start
	for bad in aaaa a; do
		for way in silence servfail refused notimp nxdomain; do
			good=10.1.0.2
			[ "$bad" = aaaa ] || good=fd02::2
			name_server_says "$good" "$bad=$way"
			# A change of the answer is followed, too.
			start
			assert_log "upstream=\[?$good\]?:3128"
			name_server_says "${good%2}3" "$bad=$way"
			kill -s HUP "$master"
			assert_log "upstream=\[?${good%2}3\]?:3128"
			refute_log 'does not resolve'
			handyproxy_end
			: >"$daemon_log"
		done
	done
}

# The other family's questions take as long as the name service waits.
@test "a name server that is silent for one family does not delay the other" {
	local first
	name_server_says 10.1.0.2 aaaa=silence
	name_server_start
	start
	wait_until 60 log_has 1 'upstream=10.1.0.2:3128'
	# It was the first question of its type, and no other question of the
	# other type than those of the name service itself came before it.
	first=$(sed -n "s/^[0-9]* 28 $UPSTREAM_NAME$/&/p" "$NAMES/questions" | wc -l)
	[ "$first" -le 1 ]
}

@test "addresses of both families stay while the name server fails for one" {
	name_server_says 10.1.0.2 fd02::2
	name_server_start
	start
	assert_log 'upstream=10.1.0.2:3128 upstream=\[fd02::2\]:3128'
	name_server_says 10.1.0.3 aaaa=servfail
	kill -s HUP "$master"
	assert_log 'upstream=10.1.0.3:3128 upstream=\[fd02::2\]:3128'
	# It says that there is none.
	name_server_says 10.1.0.4
	kill -s HUP "$master"
	assert_log 'upstream=10.1.0.4:3128$'
	refute_log 'upstream=10.1.0.4:3128 upstream='
}

# link_up: an interface of the router; at each call another one of that name.
link_up() {
	in_router ip link delete zone0 2>/dev/null || :
	in_router ip link add zone0 type veth peer name zone1
	in_router ip link set zone0 up
}

@test "an upstream's interface is found by name and by number, and when it comes up later" {
	handyproxy_start -upstream-proxy '[fe80::1%zone0]:3128'
	assert_log 'warning resolver: .* fe80::1%zone0 does not resolve, connections wait cause="No such device"'
	link_up
	assert_log 'is at upstream=\[fe80::1%zone0\]:3128$'
	# Another one of the same name has another number.
	link_up
	kill -s HUP "$master"
	wait_until 10 reload_until log_has 2 'is at upstream=\[fe80::1%zone0\]:3128$'
	handyproxy_end
	handyproxy_start -upstream-proxy "[fe80::1%$(in_router cat /sys/class/net/lo/ifindex)]:3128"
	assert_log 'is at upstream=\[fe80::1%lo\]:3128$'
	handyproxy_end
	for zone in 2147483647 1x name-that-is-too-long; do
		handyproxy_start -upstream-proxy "[fe80::1%$zone]:3128"
		assert_log "fe80::1%$zone does not resolve, connections wait cause=\"No such device\""
		handyproxy_end
	done
	in_router ip link delete zone0
}

@test "a resolver that dies is replaced, and the last addresses stay" {
	local old
	name_server_says 10.1.0.2
	name_server_start
	start
	assert_log 'upstream=10.1.0.2:3128'
	: >"$NAMES/questions"
	old=$(resolver_pid)
	kill -s KILL "$old"
	wait_until 10 has_another_resolver "$old"
	wait_until 10 was_asked 1
	# The same answer is not logged again.
	assert_equal "$(log_count 'is at ')" 1
	# A resolver that finds no address takes no address away.
	name_server_says nxdomain
	old=$(resolver_pid)
	kill -s KILL "$old"
	wait_until 10 has_another_resolver "$old"
	assert_log 'warning resolver: .*does not resolve'
	assert_equal "$(log_count 'is at ')" 1
}

@test "a resolver that is stopped delays neither a respawn nor a stop" {
	name_server_says silence
	name_server_start
	start
	wait_until 10 has_resolver
	kill -s STOP "$(resolver_pid)"
	old=$(worker_pid 0)
	kill -s KILL "$old"
	wait_until 3 has_successor 0 "$old"
	kill -s HUP "$master"
	kill -s TERM "$master"
	handyproxy_wait 3 0
}

@test "a resolver that waits for an answer ends with its master" {
	name_server_says silence
	name_server_start
	start
	wait_until 10 was_asked 1
	kill -s KILL "$master"
	handyproxy_wait 10 137
	wait_until 3 no_handyproxies
}

@test "the resolver asks from outside of -chroot" {
	in_router mkdir -p -m 755 /run/empty
	hosts_are "10.1.0.2 $UPSTREAM_NAME"
	start -chroot /run/empty
	assert_log 'upstream=10.1.0.2:3128'
	hosts_are "10.1.0.3 $UPSTREAM_NAME"
	kill -s HUP "$master"
	assert_log 'upstream=10.1.0.3:3128'
}
