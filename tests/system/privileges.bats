# SPDX-License-Identifier: MIT
# Root's privileges that are left in each process: none, except the one
# capability that a master with -chroot keeps for later workers. Also the
# descriptors of each process.

load daemon

setup_file() {
	lab_up
	# Users without other processes.
	cp /etc/passwd "$BATS_FILE_TMPDIR/passwd"
	cp /etc/group "$BATS_FILE_TMPDIR/group"
	echo 'first:x:61001:61002::/:/bin/false' >>"$BATS_FILE_TMPDIR/passwd"
	printf '%s\n' 'first:x:61002:' 'second:x:61003:first' >>"$BATS_FILE_TMPDIR/group"
	for file in passwd group; do
		in_router mount --bind "$BATS_FILE_TMPDIR/$file" "/etc/$file"
	done
}

teardown_file() {
	lab_down
}

teardown() {
	handyproxy_test_end
}

NO_CAPABILITIES=0000000000000000
ONLY_CHROOT=0000000000040000

all_processes() {
	local found
	wait_until 10 has_resolver || return
	mapfile -t found < <(children_named 'handyproxy:*')
	[ "${#found[@]}" -eq 3 ] || return
	echo "$master" "${found[@]}"
}

assert_status_of() { # PID KEY VALUE
	assert_equal "$2 of $(comm_of "$1"): $(status_of "$1" "$2")" "$2 of $(comm_of "$1"): $3"
}

assert_powerless() { # PID [PERMITTED]
	assert_status_of "$1" CapPrm "${2-$NO_CAPABILITIES}"
	assert_status_of "$1" CapEff "$NO_CAPABILITIES"
	assert_status_of "$1" CapInh "$NO_CAPABILITIES"
	assert_status_of "$1" CapAmb "$NO_CAPABILITIES"
	assert_status_of "$1" NoNewPrivs 1
}

assert_is_first() { # PID GID
	assert_status_of "$1" Uid '61001 61001 61001 61001'
	assert_status_of "$1" Gid "$2 $2 $2 $2"
	# Neither root's supplementary groups nor the user's.
	assert_status_of "$1" Groups "$2"
}

as_root() {
	has_many_users || skip 'there is only one user'
}

@test "every process becomes the user, with the user's group alone" {
	as_root
	launcher=(setpriv '--groups=0,4,27')
	handyproxy_start -user first -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		assert_is_first "$pid" 61002
		assert_powerless "$pid"
	done
}

@test "-group is the group instead of the user's" {
	as_root
	handyproxy_start -user first -group second -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		assert_is_first "$pid" 61003
		assert_powerless "$pid"
	done
}

@test "a later worker and resolver have no more privileges than the first" {
	as_root
	handyproxy_start -user first -upstream-proxy localhost
	wait_until 10 has_resolver
	old_worker=$(worker_pid 0)
	old_resolver=$(resolver_pid)
	kill -s KILL "$old_worker" "$old_resolver"
	wait_until 10 has_successor 0 "$old_worker"
	wait_until 10 has_another_resolver "$old_resolver"
	pids=$(all_processes)
	for pid in $pids; do
		assert_is_first "$pid" 61002
		assert_powerless "$pid"
	done
}

@test "the default user is handyproxy where there is one" {
	as_root
	sed 's/^first:/handyproxy:/' "$BATS_FILE_TMPDIR/passwd" >"$BATS_TEST_TMPDIR/passwd"
	in_router mount --bind "$BATS_TEST_TMPDIR/passwd" /etc/passwd
	handyproxy_start
	in_router umount /etc/passwd
	assert_is_first "$master" 61002
	refute_log ' warning '
}

@test "without a user handyproxy it is nobody, with a warning" {
	as_root
	! getent passwd handyproxy || skip 'there is a user handyproxy'
	handyproxy_start
	assert_equal "$(status_of "$master" Uid)" "$(for _ in 1 2 3 4; do id -u nobody; done | xargs)"
	assert_powerless "$master"
	assert_log 'warning master: .*"handyproxy".*"nobody"'
}

@test "-user root has root's files and nothing more" {
	as_root
	handyproxy_start -user root -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		assert_status_of "$pid" Uid '0 0 0 0'
		assert_status_of "$pid" Groups 0
		assert_powerless "$pid"
	done
}

@test "where there is only one user the daemon keeps it, without capabilities and with a warning" {
	local lab=(unshare --user --map-root-user)
	has_many_users || lab=()
	launcher=("${lab[@]}")
	handyproxy_start -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		assert_powerless "$pid"
	done
	assert_log 'warning master: user ".*" does not exist in this user namespace'
}

# fails_to_start EXIT-STATUS OPTION...: under $launcher, and no process is left.
fails_to_start() {
	assert_status "$1" in_router "${launcher[@]}" "$HANDYPROXY" \
	    -local-port "$(free_port)" -upstream-proxy "$NOBODYS_UPSTREAM" "${@:2}"
	no_handyproxies
}

# As a container with `cap_drop: ALL` starts its first process.
@test "root without capabilities cannot become the user, and the start says what to do" {
	as_root
	launcher=(setpriv '' '--inh-caps=-all')
	for option in -setuid -setgid -all; do
		launcher[1]=--bounding-set=$option
		fails_to_start 1 -user first
		assert_one_line_says 'cannot become user 61001, group 61002' \
		    'Operation not permitted' \
		    'root without the capabilities SETUID and SETGID: add them, or start as that user'
	done
	# What it says helps.
	launcher=(setpriv --reuid 61001 --regid 61002 --clear-groups '--bounding-set=-all' '--inh-caps=-all')
	handyproxy_start
	assert_status_of "$master" Uid '61001 61001 61001 61001'
	assert_powerless "$master"
	handyproxy_end
	launcher=(setpriv '--bounding-set=-all' '--inh-caps=-all')
	handyproxy_start -user root
	assert_powerless "$master"
	handyproxy_end
	launcher=(setpriv '--bounding-set=-all,+setuid,+setgid' '--inh-caps=-all')
	handyproxy_start -user first
	assert_is_first "$master" 61002
	assert_powerless "$master"
}

@test "a daemon not started by root keeps its user, and cannot bind a privileged port" {
	as_root
	launcher=(setpriv --reuid 61001 --regid 61002 --clear-groups)
	handyproxy_start -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		assert_status_of "$pid" Uid '61001 61001 61001 61001'
		assert_powerless "$pid"
	done
	handyproxy_end
	in_router sysctl -q net.ipv4.ip_unprivileged_port_start=1024
	assert_status 1 in_router "${launcher[@]}" "$HANDYPROXY" -local-port 80
	assert_one_line_says 0.0.0.0:80 'Permission denied'
}

@test "-chroot confines every worker, the first and later workers, irreversibly" {
	local old
	in_router mkdir -p -m 755 /run/empty
	handyproxy_start -chroot /run/empty -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		case $(comm_of "$pid") in
		handyproxy:w*)
			assert_equal "$(readlink "/proc/$pid/root")" /run/empty
			assert_equal "$(readlink "/proc/$pid/cwd")" /run/empty
			assert_powerless "$pid"
			;;
		handyproxy:dns)
			assert_equal "$(readlink "/proc/$pid/root")" /
			assert_powerless "$pid"
			;;
		*)
			assert_equal "$(readlink "/proc/$pid/root")" /
			assert_powerless "$pid" "$ONLY_CHROOT"
			;;
		esac
	done
	for way in KILL TERM; do
		old=$(worker_pid 1)
		kill -s "$way" "$old"
		wait_until 10 has_successor 1 "$old"
		wait_until 10 worker_is_in_root 1 /run/empty
		assert_powerless "$(worker_pid 1)"
	done
}

@test "a -chroot directory that has gone is logged, and tried again until it is back" {
	in_router mkdir -p -m 755 /run/root
	handyproxy_start -chroot /run/root -workers 1
	in_router mv /run/root /run/other
	kill -s KILL "$(worker_pid 0)"
	assert_log 'error worker 0: cannot change the root directory to /run/root cause="No such file or directory"'
	wait_until 10 log_has 3 'worker 0 exited with status 1 '
	in_router mv /run/other /run/root
	wait_until 30 worker_is_in_root 0 /run/root
}

worker_is_in_root() { # NUMBER ROOT
	[ "$(readlink "/proc/$(worker_pid "$1")/root")" = "$2" ]
}

@test "the only user of a user namespace can be named by -user" {
	unshare --user --map-root-user true || skip 'no user namespace can be made here'
	launcher=(unshare --user --map-root-user)
	handyproxy_start -user root -upstream-proxy localhost
	pids=$(all_processes)
	for pid in $pids; do
		assert_powerless "$pid"
	done
}

# --- descriptors

# The listener's inode.
listener() {
	in_router ss -Hltne "sport = :$daemon_port" | sed 's/.* ino:\([0-9]*\) .*/socket:[\1]/'
}

# The targets of its descriptors, except those that the caller left open.
links_of() { # PID
	descriptors_of "$1" | sed 's/^[0-9]* //' | grep -vxF -f "$BATS_TEST_TMPDIR/callers" |
	    grep -vx -e /dev/null -e 'anon_inode:.*' | sort
}

@test "no process has another's pipe or the pid file; only the writer of the log has the log file; only workers have the listener" {
	local pids pid other listener writer
	descriptors_of $$ | sed 's/^[0-9]* //' >"$BATS_TEST_TMPDIR/callers"
	in_router mkdir -p -m 777 /run/shared
	handyproxy_start -workers 3 -pid-file /run/shared/pid -log-to /run/shared/log -upstream-proxy localhost
	wait_until 10 has_resolver
	# The first processes, and a worker that started later.
	pid=$(worker_pid 1)
	kill -s KILL "$pid"
	wait_until 10 has_successor 1 "$pid"
	mapfile -t pids < <(children_named 'handyproxy:*')
	[ "${#pids[@]}" -eq 5 ]
	listener=$(listener)
	writer=$(children_named handyproxy:log)
	for pid in "${pids[@]}"; do
		assert_equal "$(links_of "$pid" | grep /run/shared)" \
		    "$([ "$pid" != "$writer" ] || echo /run/shared/log)"
		for other in "${pids[@]}"; do
			[ "$pid" = "$other" ] || assert_equal \
			    "$(comm -12 <(links_of "$pid") <(links_of "$other"))" \
			    "$(only_both_workers "$pid" "$other" && echo "$listener")"
		done
	done
	links_of "$master" | grep -q /run/shared/pid
	assert_equal "$(links_of "$(resolver_pid)" | grep -F "$listener")" ''
	assert_equal "$(links_of "$writer" | grep -F "$listener")" ''
}

@test "descriptors that the caller left open are open in no child" {
	launcher=(sh -c 'exec 7</etc/passwd 9<&7; exec "$@"' sh)
	handyproxy_start -upstream-proxy localhost
	wait_until 10 has_resolver
	for pid in $(children_named 'handyproxy:*'); do
		assert_equal "$(descriptors_of "$pid" | grep /etc/passwd)" ''
	done
}

@test "the same on an old machine, where no child keeps the caller's output and the start says what the sandbox lacks" {
	"${CC:-cc}" -O2 -fPIC -shared -o "$BATS_TEST_TMPDIR/old_machine.so" \
	    "$BATS_TEST_DIRNAME/privileges_old_machine.c"
	# shellcheck disable=SC2016 # for the shell in the router
	launcher=(sh -c 'exec 7</etc/passwd 9<&7 >"$0"; exec "$@"' "$BATS_TEST_TMPDIR/output"
	    env LD_PRELOAD="$BATS_TEST_TMPDIR/old_machine.so")
	handyproxy_start -upstream-proxy localhost
	grep -q old_machine.so "/proc/$master/maps" || skip 'the program loads no library'
	wait_until 10 has_resolver
	for pid in $(children_named 'handyproxy:*'); do
		assert_equal "$(descriptors_of "$pid" | grep -e /etc/passwd -e output)" ''
		[[ $(readlink "/proc/$pid/fd/0") == pipe:* ]]
		[[ $(readlink "/proc/$pid/fd/1") == pipe:* ]]
	done
	# It has no sandbox either.
	assert_log "warning worker 0: the workers' sandbox has no landlock, no seccomp on this kernel"
	assert_equal "$(grep -c 'sandbox has no' "$daemon_log")" 1
}

only_both_workers() { # PID PID
	[[ $(comm_of "$1") == handyproxy:w* && $(comm_of "$2") == handyproxy:w* ]]
}

@test "a worker's standard error goes to the log" {
	handyproxy_start -workers 2
	for number in 0 1; do
		[[ $(readlink "/proc/$(worker_pid $number)/fd/2") == pipe:* ]]
	done
	# A message as libc or a sanitizer would write before a death.
	echo 'last words' >"/proc/$(worker_pid 1)/fd/2"
	assert_log 'error worker 1: stderr: last words$'
}
