# SPDX-License-Identifier: MIT
# The machine's limits, and what the log says about them.

load daemon

setup_file() {
	lab_up
}

teardown_file() {
	lab_down
}

teardown() {
	in_router umount /proc/sys/net/netfilter/nf_conntrack_max 2>/dev/null || :
	handyproxy_test_end
}

files_of() { # PID
	awk '/^Max open files/ { print $4, $5 }' "/proc/$1/limits"
}

@test "the limit of descriptors is raised to the hard one, in every process" {
	launcher=(prlimit --nofile=100:5000)
	handyproxy_start -upstream-proxy localhost
	for pid in "$master" $(children_named 'handyproxy:*'); do
		assert_equal "$(files_of "$pid")" '5000 5000'
	done
}

@test "the start says the capacity and what bounds it" {
	launcher=(prlimit --nofile=5000:5000)
	handyproxy_start
	assert_log 'notice master: capacity [0-9]+ connections, bounded by descriptors .*descriptors.*memory.*local ports'
	capacity=$(sed -n 's/.* capacity \([0-9]*\) connections.*/\1/p' "$daemon_log")
	# Two descriptors for each connection, and some for two workers and the
	# master.
	[ "$capacity" -gt 4800 ]
	[ "$capacity" -lt 5000 ]
}

@test "memory bounds the capacity: a connection for each 64 KiB" {
	local most workers
	most=$(($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) / 64))
	# So many workers that their descriptors would allow more.
	workers=$((most * 2 / $(ulimit -Hn) + 2))
	[ "$workers" -le 100 ] || skip 'the hard limit of descriptors is too low'
	conntrack_max_is 0
	handyproxy_start -workers "$workers"
	assert_log "notice master: capacity $most connections, bounded by memory"
}

# In the lab alone: the kernel has one value for all.
conntrack_max_is() { # NUMBER
	local file=/proc/sys/net/netfilter/nf_conntrack_max
	echo "$1" >"$BATS_TEST_TMPDIR/conntrack_max"
	chmod 755 "$BATS_TEST_TMPDIR"
	in_router test -e "$file" || skip 'nothing tracks connections'
	in_router mount --bind "$BATS_TEST_TMPDIR/conntrack_max" "$file"
}

@test "the table of connections bounds the capacity: two entries for each" {
	conntrack_max_is 1024
	handyproxy_start
	assert_log 'notice master: capacity 512 connections, bounded by nf_conntrack_max .*memory [0-9]+, nf_conntrack_max 512, local ports'
	refute_log ' warning .*max-connections'
}

@test "-max-connections may be more than the table of connections allows, and a warning says so" {
	conntrack_max_is 1024
	handyproxy_start -max-connections 513
	assert_log 'notice master: capacity 513 connections, bounded by max-connections'
	assert_log 'warning master: -max-connections 513 is more than nf_conntrack_max allows'
}

@test "-max-connections bounds the capacity" {
	handyproxy_start -max-connections 7
	assert_log 'notice master: capacity 7 connections, bounded by max-connections'
	refute_log ' warning .*max-connections'
}

@test "the local ports towards the upstream are counted" {
	in_router sysctl -q net.ipv4.ip_local_port_range='40000 40999'
	handyproxy_start
	in_router sysctl -q net.ipv4.ip_local_port_range='32768 60999'
	assert_log 'notice master: capacity .*local ports towards one upstream address 1000\)'
}

@test "root raises the limit beyond the hard one where -max-connections needs it" {
	prlimit --nofile=100:1000 prlimit --nofile=1001:1001 true || skip 'not permitted here'
	launcher=(prlimit --nofile=100:1000)
	handyproxy_start -max-connections 10000
	for number in 0 1; do
		read -r soft hard <<<"$(files_of "$(worker_pid $number)")"
		# Two descriptors for each connection of the worker's half.
		[ "$soft" -gt 10000 ]
		[ "$soft" = "$hard" ]
	done
	assert_log 'capacity 10000 connections, bounded by max-connections'
	refute_log ' warning .*max-connections'
}

@test "a daemon that may not raise the limit starts with the present one, and warns" {
	launcher=(prlimit --nofile=64:64)
	! has_many_users || launcher+=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	handyproxy_start -max-connections 10000
	assert_equal "$(files_of "$(worker_pid 0)")" '64 64'
	assert_log 'warning master: -max-connections 10000 .*descriptors'
	assert_log 'notice master: capacity [0-9]+ connections, bounded by descriptors'
}

@test "with 64 descriptors there is a capacity, a reload and a respawn" {
	launcher=(prlimit --nofile=64:64)
	handyproxy_start -upstream-proxy localhost -workers 4
	capacity=$(sed -n 's/.* capacity \([0-9]*\) connections.*/\1/p' "$daemon_log")
	[ "$capacity" -ge 60 ]
	[ "$capacity" -lt 128 ]
	old=$(worker_pid 3)
	kill -s KILL "$old"
	wait_until 10 has_successor 3 "$old"
	kill -s HUP "$master"
	assert_log 'configuration read again'
	refute_log 'cannot start'
}

score_of() { # PID
	in_router cat "/proc/$1/oom_score_adj"
}

@test "where memory is short the kernel takes workers before other daemons" {
	local own old
	handyproxy_start -upstream-proxy localhost:3128 -log-to "$BATS_TEST_TMPDIR/log.file"
	own=$(score_of $$)
	assert_equal "$(score_of "$(worker_pid 0)")" $((own + 500))
	assert_equal "$(score_of "$(worker_pid 1)")" $((own + 500))
	wait_until 10 test "$(pgrep -cP "$master")" -eq 4
	for pid in "$master" $(pgrep -P "$master"); do
		case $(comm_of "$pid") in
		handyproxy:w*) ;;
		*) assert_equal "$(comm_of "$pid") $(score_of "$pid")" "$(comm_of "$pid") $own" ;;
		esac
	done
	# A successor, too, and the master is what it was.
	old=$(worker_pid 0)
	kill -s KILL "$old"
	wait_until 10 has_successor 0 "$old"
	assert_equal "$(score_of "$(worker_pid 0)")" $((own + 500))
	assert_equal "$(score_of "$master")" "$own"
}
