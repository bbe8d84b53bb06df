# SPDX-License-Identifier: MIT
# Two squids, of which the first is stopped and killed while clients fetch: no
# fetch fails but those whose tunnel was open in it.

load peer

squid_conf() { # NAME PORT
	in_upstream tee "$peer/$1.conf" >/dev/null <<-END
		http_port 10.1.0.2:$2
		http_access allow all
		access_log stdio:$peer/$1.log
		cache_log $peer/$1-cache.log
		cache deny all
		pid_filename $peer/$1.pid
		coredump_dir $peer
		shutdown_lifetime 0 seconds
	END
}

peer_files() {
	squid_conf one 3128
	squid_conf two 3129
	run_in upstream two squid -N -n two -f "$peer/two.conf"
	listening upstream 3129
	peer_command=(squid -N -n one -f "$peer/one.conf")
}

setup_file() {
	load peer
	peer_needs_users
	peer_up squid -upstream-proxy 10.1.0.2:3128,10.1.0.2:3129 \
	    -half-close hold -sniff-timeout 5s -workers 1 -check-interval 1s
}

teardown_file() {
	peer_down
}

teardown() {
	peer_explain
	touch "$BATS_TEST_TMPDIR/stop"
	signal_squid CONT one || :
}

# Squid takes a while to start.
handyproxy_says_at_last() { # PATTERN
	wait_until 60 grep -q "$1" "$BATS_FILE_TMPDIR/handyproxy.log" ||
	    handyproxy_says "$1"
}

# Fetches one page after the other until the file `stop` is there; a line for
# each fetch, with its status.
fetch_on() {
	local status
	while [ ! -e "$BATS_TEST_TMPDIR/stop" ]; do
		status=0
		fetch -o /dev/null --fail "https://site.test/page?$1" || status=$?
		echo "$status"
	done >"$BATS_TEST_TMPDIR/fetches.$1" 2>&1
}

begin_fetches_of() { # NAME
	fetch_on "$1" 3>&- &
	fetchers+=($!)
}

begin_fetches() {
	fetchers=()
	for fetcher in 1 2 3; do
		begin_fetches_of "$fetcher"
	done
	fetches_go_on
}

fetches() {
	cat "$BATS_TEST_TMPDIR"/fetches.* | wc -l
}

has_more_fetches() { # THAN
	[ "$(fetches)" -gt "$1" ]
}

fetches_go_on() {
	wait_until 60 has_more_fetches "$(($(fetches 2>/dev/null || echo 0) + 10))"
}

# A fetch may fail whose tunnel was open in the squid: one for each fetcher.
only_open_tunnels_have_failed() {
	touch "$BATS_TEST_TMPDIR/stop"
	wait "${fetchers[@]}"
	[ "$(sort "$BATS_TEST_TMPDIR"/fetches.* | grep -cx 0)" -gt 20 ]
	[ "$(sort "$BATS_TEST_TMPDIR"/fetches.* | grep -cx '[1-9][0-9]*')" -le 3 ]
}

signal_squid() { # SIGNAL NAME
	in_upstream sh -c "kill -$1 \"\$(cat $peer/$2.pid)\""
}

tunnels_of() { # NAME
	in_upstream grep -c 'CONNECT site.test:443' "$peer/$1.log" || :
}

@test "two squids: the first alone is asked while it is up" {
	fetch -o /dev/null --fail https://site.test/page
	wait_until 10 in_upstream grep -q 'CONNECT site.test:443' "$peer/one.log"
	[ "$(tunnels_of two)" -eq 0 ]
}

@test "two squids: no fetch fails while the first is killed and comes back" {
	begin_fetches
	signal_squid KILL one
	handyproxy_says_at_last 'upstream is down upstream=10.1.0.2:3128 .*next=10.1.0.2:3129'
	fetches_go_on
	[ "$(tunnels_of two)" -gt 0 ]
	in_upstream rm -f "$peer/one.pid"
	run_in upstream one squid -N -n one -f "$peer/one.conf"
	handyproxy_says_at_last 'upstream is up again upstream=10.1.0.2:3128'
	before=$(tunnels_of one)
	fetches_go_on
	wait_until 60 in_upstream test -s "$peer/one.pid"
	[ "$(tunnels_of one)" -gt "$before" ]
	only_open_tunnels_have_failed
}

@test "two squids: fetches that wait for a stopped squid go on by the other" {
	begin_fetches
	signal_squid STOP one
	# The others may all have a tunnel open in it, and wait.
	begin_fetches_of 4
	wait_until 60 handyproxy_has_two_downs
	fetches_go_on
	signal_squid CONT one
	only_open_tunnels_have_failed
}

handyproxy_has_two_downs() {
	[ "$(grep -c 'upstream is down' "$BATS_FILE_TMPDIR/handyproxy.log")" -ge 2 ]
}
