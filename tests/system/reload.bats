# SPDX-License-Identifier: MIT
# SIGHUP: what is read again, which processes are replaced, and what stays
# unchanged.

load daemon

setup_file() {
	lab_up
}

teardown_file() {
	lab_down
}

# A configuration that the daemon's user may read.
setup() {
	folder=/run/reload.$BATS_TEST_NUMBER
	in_router mkdir -m 755 "$folder"
	configure
}

teardown() {
	handyproxy_test_end
}

configure() { # LINE...
	[ $# -gt 0 ] || set -- '# nothing'
	# shellcheck disable=SC2016 # for the inner shell
	in_router sh -c 'file=$1; shift; printf "%s\n" "$@" >"$file"; chmod 644 "$file"' sh \
	    "$folder/conf" "$@"
}

# Returns when the master has accepted or refused the configuration.
reload() {
	local before
	before=$(log_count 'master: (configuration read again|the configuration is wrong)')
	kill -s HUP "$master"
	wait_until 10 log_has $((before + 1)) 'master: (configuration read again|the configuration is wrong)'
}

workers() {
	children_named 'handyproxy:[wd][0-9]*' | sort -n | xargs
}

# None of these pids exists any more, and this many workers do.
have_been_replaced() { # COUNT PID...
	local pid
	[ "$(worker_count)" -eq "$1" ] && [ "$(children_named 'handyproxy:d[0-9]*' | wc -l)" -eq 0 ] || return 1
	for pid in "${@:2}"; do
		has_ended "$pid" || return 1
	done
}

@test "without a change no process is replaced" {
	handyproxy_start -config "$folder/conf" -upstream-proxy localhost
	wait_until 10 has_resolver
	before=$(children_named '*' | xargs)
	reload
	configure '# a comment' 'sniff-timeout -5s' 'idle-timeout 124m'
	reload
	assert_log 'notice master: configuration read again, workers stay'
	assert_equal "$(children_named '*' | xargs)" "$before"
	refute_log ' (error|warning) '
}

@test "a changed setting of the workers replaces all of them" {
	local setting old
	handyproxy_start -config "$folder/conf" -workers 3
	for setting in 'dial-timeout 25s' 'response-timeout 25s' 'sniff-timeout 2s' 'sniff-max-bytes 100' \
	    'sniff-tls-ports 443' 'sniff-http-ports none' 'half-close hold' 'idle-timeout 1h' \
	    'half-closed-timeout 1m' 'sandbox off' 'log-level info'; do
		read -ra old <<<"$(workers)"
		configure "$setting"
		reload
		wait_until 10 have_been_replaced 3 "${old[@]}" || {
			echo "$setting: $(workers) after ${old[*]}"
			return 1
		}
	done
	refute_log ' (error|warning) '
	assert_log 'notice master: configuration read again, workers are replaced'
}

@test "a setting that is changed back is accepted" {
	configure 'log-level error'
	handyproxy_start -config "$folder/conf"
	kill -s USR1 "$master"
	read -ra old <<<"$(workers)"
	configure
	kill -s HUP "$master"
	assert_log 'configuration read again'
	refute_log totals
	wait_until 10 have_been_replaced 2 "${old[@]}"
	kill -s USR1 "$master"
	assert_log 'totals of all'
}

@test "the command line wins at a reload too" {
	configure 'log-level debug' 'workers 5'
	handyproxy_start -config "$folder/conf" -log-level notice -workers 3
	configure 'log-level error' 'workers 4'
	reload
	configure
	reload
	assert_equal "$(worker_count)" 3
	assert_log 'workers stay'
	refute_log 'are replaced'
}

@test "a configuration that is wrong is an error in the log, and the old one stays" {
	configure 'workers 3' 'drain-timeout 1s'
	handyproxy_start -workers 3 -config "$folder/conf"
	before=$(workers)
	while IFS='|' read -r line said; do
		configure '# a comment' "$line"
		reload
		assert_log "error master: .*$folder/conf:2: .*$said"
		assert_equal "$(workers)" "$before"
		is_bound "$daemon_port"
	done <<-'END'
		workers none|workers "none": expected a number
		idle-timeout fortnight|idle-timeout "fortnight": expected 0 or a duration
		no-such-option 5|unknown option "no-such-option"
		local-port|local-port: a value is missing
	END
	in_router rm "$folder/conf"
	reload
	assert_log "error master: .*-config $folder/conf: .*No such file or directory"
	assert_equal "$(workers)" "$before"
	configure 'idle-timeout 1h'
	reload
	# shellcheck disable=SC2086 # a list
	wait_until 10 have_been_replaced 3 $before
}

@test "what cannot change without a restart is named in a warning, the rest changes" {
	local line old
	handyproxy_start -config "$folder/conf"
	while read -r line; do
		configure "$line" "idle-timeout ${#line}h"
		read -ra old <<<"$(workers)"
		: >"$daemon_log"
		reload
		assert_log "warning master: .*-${line%% *} .*restart"
		assert_equal "$(log_count ' warning ')" 1
		wait_until 10 have_been_replaced 2 "${old[@]}"
		is_bound "$daemon_port"
	done <<-END
		local-address 127.0.0.1
		user root
		group root
		chroot $folder
		daemon
		pid-file $folder/pid
		status-address $folder/status
	END
	in_router test ! -e "$folder/pid"
	# The port is on the command line, which does not change.
	handyproxy_end
	configure "local-port $daemon_port"
	lab_start router "$HANDYPROXY" -config "$folder/conf" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    -workers 2 </dev/null >/dev/null 2>>"$daemon_log"
	master=$!
	wait_until 10 handyproxy_is_up
	configure 'local-port 1'
	reload
	assert_log 'warning master: .*-local-port .*restart'
	is_bound "$daemon_port"
	# A respawned worker has the old setting, too.
	worker=$(worker_pid 0)
	kill -s TERM "$worker"
	wait_until 10 has_successor 0 "$worker"
}

@test "-workers: more come, fewer go" {
	configure 'workers 2'
	handyproxy_start -config "$folder/conf" -workers 2
	handyproxy_end
	daemon_log=$BATS_TEST_TMPDIR/log2
	lab_start router "$HANDYPROXY" -config "$folder/conf" -local-port "$daemon_port" \
	    -upstream-proxy "$NOBODYS_UPSTREAM" </dev/null >/dev/null 2>"$daemon_log"
	master=$!
	wait_until 10 handyproxy_is_up -workers 2
	for number in 5 1 3 256 2; do
		configure "workers $number"
		reload
		wait_until 20 have_been_replaced "$number"
	done
	refute_log ' error '
}

@test "-max-connections changes without replacing a worker" {
	configure 'max-connections 10'
	handyproxy_start -config "$folder/conf"
	before=$(workers)
	configure 'max-connections 20'
	reload
	assert_log 'notice master: capacity 20 connections, bounded by max-connections'
	assert_equal "$(workers)" "$before"
}

@test "an upstream that gets a name gets a resolver, one that loses it loses it" {
	local resolver
	configure 'upstream-proxy 10.1.0.2'
	handyproxy_start -config "$folder/conf"
	handyproxy_end
	daemon_log=$BATS_TEST_TMPDIR/log2
	lab_start router "$HANDYPROXY" -config "$folder/conf" -local-port "$daemon_port" \
	    -workers 2 </dev/null >/dev/null 2>"$daemon_log"
	master=$!
	wait_until 10 handyproxy_is_up
	[ -z "$(resolver_pid)" ]
	configure 'upstream-proxy localhost'
	reload
	wait_until 10 has_resolver
	assert_log 'upstream=127.0.0.1:3128'
	resolver=$(resolver_pid)
	configure 'upstream-proxy localhost:8080'
	reload
	wait_until 10 has_another_resolver "$resolver"
	assert_log 'upstream=127.0.0.1:8080'
	configure 'upstream-proxy 10.1.0.2'
	reload
	wait_until 10 has_no_resolver
	wait_until 10 have_been_replaced 2
	refute_log ' (error|warning) '
}

has_no_resolver() {
	! has_resolver
}

# The master's resources that must not grow.
measure() {
	descriptors_of "$master" | wc -l
	grep -c ' rw-s ' "/proc/$master/maps"
	children_named '*' | wc -l
}

is_measured_as() { # FILE
	[ "$(measure)" = "$(cat "$1")" ]
}

@test "a hundred reloads without waiting leave no process, descriptor or page" {
	handyproxy_start -config "$folder/conf" -upstream-proxy localhost -workers 3
	wait_until 10 has_resolver
	measure >"$BATS_TEST_TMPDIR/before"
	for n in {1..50}; do
		configure "idle-timeout ${n}h"
		kill -s HUP "$master"
		kill -s HUP "$master"
	done
	configure 'log-level notice'
	reload
	wait_until 20 is_measured_as "$BATS_TEST_TMPDIR/before" || {
		measure | diff "$BATS_TEST_TMPDIR/before" -
		return 1
	}
	wait_until 10 have_been_replaced 3
	refute_log ' error '
}

@test "a reload during a stop is no reload" {
	handyproxy_start -config "$folder/conf"
	kill -s STOP "$(worker_pid 0)"
	kill -s TERM "$master"
	assert_log 'stopping'
	kill -s HUP "$master"
	handyproxy_wait 5 0
	refute_log 'read again'
}
