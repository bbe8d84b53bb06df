# SPDX-License-Identifier: MIT
# The SysV init script, run by dash with Debian's start-stop-daemon, and without
# it.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

service() {
	machine dash /etc/init.d/handyproxy "$@"
}

settings_file() {
	case $1 in
	handyproxy) echo /etc/default/handyproxy ;;
	*) echo "/etc/default/handyproxy.$1" ;;
	esac
}

setup() {
	machine_start
	machine_install sysv
	machine_record_rules
	configure handyproxy 8443
}

teardown() {
	machine_stop
}

without_start_stop_daemon() {
	local path

	path=$(command -v start-stop-daemon) || return 0
	machine mount --bind /dev/null "$path"
	run ! machine sh -c 'command -v start-stop-daemon'
}

a_life() {
	local pid

	run -3 service status
	run -7 service reload
	service start
	listens 8443
	run -0 service status
	pid=$(daemon_pid)
	[[ $output == *"is running, pid $pid" ]]
	run -0 service start
	[ "$(daemon_pid)" = "$pid" ]

	machine mv /run/test/handyproxy.log /run/test/old.log
	service reload
	wait_until 60 machine test -e /run/test/handyproxy.log
	[ "$(daemon_pid)" = "$pid" ]
	service force-reload

	service stop
	is_free 8443
	run -3 service status
	machine test ! -e /run/handyproxy/handyproxy.pid
	run -0 service stop
}

@test "sysv: start, status, reload and stop" {
	a_life
}

@test "sysv: start, status, reload and stop without start-stop-daemon" {
	without_start_stop_daemon
	a_life
}

@test "sysv: status reports a daemon that crashed, and it starts again" {
	service start
	machine kill -s KILL "$(daemon_pid)"
	run -1 service status
	wait_until 60 is_free 8443
	service start
	run -0 service status

	machine kill -s KILL "$(daemon_pid)"
	service stop
	run -3 service status
}

@test "sysv: a pid that another program has now does not count" {
	machine mkdir /run/handyproxy
	machine sh -c 'echo 1 > /run/handyproxy/handyproxy.pid'
	run -1 service status
	service stop
	machine sh -c 'echo 1 > /run/handyproxy/handyproxy.pid'
	service start
	run -0 service status
}

@test "sysv: instances start and stop alone and all together" {
	configure guests 8444
	service start guests
	run -3 service status
	run -0 service status guests
	is_free 8443
	service start
	run -0 service status
	listens 8443
	service stop guests
	run -0 service status handyproxy
	is_free 8444
	service restart
	listens 8443
	listens 8444

	# An instance without its configuration is still an instance, and can be
	# stopped.
	machine rm /etc/handyproxy/guests.conf
	run -6 service start guests
	[[ $output == *"there is no /etc/handyproxy/guests.conf"* ]]
	service stop
	is_free 8444
	run -3 service status
}

@test "sysv: restart and try-restart" {
	run -0 service try-restart
	is_free 8443
	service restart
	pid=$(daemon_pid)
	service try-restart
	[ "$(daemon_pid)" != "$pid" ]
	listens 8443
}

@test "sysv: failed actions have LSB's statuses" {
	run -2 service
	run -2 service dance
	run -2 service start ../handyproxy
	run -2 service start one two
	run -6 service start nobody
	[[ $output == *"there is no /etc/handyproxy/nobody.conf"* ]]
	configure handyproxy 8443 'workers none'
	run -6 service start
	[[ $output == *none* ]]
	# A user other than root, wherever the test runs.
	run -4 machine unshare --user dash /etc/init.d/handyproxy start
	run -3 machine unshare --user dash /etc/init.d/handyproxy status
	machine rm /etc/handyproxy/handyproxy.conf
	run -6 service start
	run -3 service status
	run -0 service stop
	machine rm "$prefix/sbin/handyproxy"
	run -5 service start
	run -0 service stop
}

@test "sysv: a port that is taken makes a start fail with status 1" {
	configure guests 8443
	service start handyproxy
	run -1 service start guests
	[[ $output == *8443* ]]
	run -0 service status handyproxy
	run -3 service status guests
}

@test "sysv: a wrong configuration stops nothing" {
	check_wrong_configuration_changes_nothing
	run -6 service start
}

@test "sysv: a configuration that the daemon cannot read is not reloaded" {
	check_unreadable_configuration_is_not_reloaded
	run -6 service reload
	[[ $output != *reloaded* ]]
}

@test "sysv: an open tunnel has the drain timeout to end" {
	check_tunnel_outlives_stop
}

@test "sysv: the same without start-stop-daemon" {
	without_start_stop_daemon
	check_tunnel_outlives_stop
}

@test "sysv: a daemon that hangs is killed" {
	check_hung_daemon_is_killed
}

@test "sysv: the same without start-stop-daemon, too" {
	without_start_stop_daemon
	check_hung_daemon_is_killed
}

@test "sysv: rules go up after the port is bound and down before it is free" {
	check_rules_follow_the_port
}

@test "sysv: wrong rules start and stop nothing" {
	check_wrong_rules_change_nothing
	run -6 service start fourteen-bytes
	run -6 service restart handyproxy
	for action in reload start; do
		run ! service "$action" handyproxy
		[[ $output == *"RULES name prerouting twice"* ]]
		[[ $output != *reloaded* ]]
	done
	run ! machine grep 'configuration read again' /run/test/handyproxy.log
}

@test "sysv: rules that fail make the start fail, and the daemon runs" {
	rules_for handyproxy 'prerouting --interface br-lan'
	machine touch /run/test/rules-fail-up
	run -1 service start
	[[ $output == *"not up: prerouting --interface br-lan"* ]]
	listens 8443
	machine rm /run/test/rules-fail-up
	service start
	rules_for handyproxy 'preroutin'
	run -6 service restart
	[[ $output == *"no such rules: preroutin"* ]]
}

@test "sysv: rules that stay make the stop fail, and the daemon is gone" {
	check_rules_that_stay_fail_a_stop
	is_free 8443
	run -1 service stop
	machine rm /run/test/rules-fail-down /etc/handyproxy/handyproxy.conf
	run -0 service stop
	machine test ! -e /run/handyproxy/handyproxy.rules
}

@test "sysv: rules stay with the port that the daemon listens on" {
	rules_for handyproxy 'output'
	service start
	configure handyproxy 8445
	run -1 service reload
	[[ $output == *"restart it: the port has changed from 8443 to 8445"* ]]
	[[ $output != *reloaded* ]]
	run -1 service start
	[[ $output == *"restart it: the port has changed from 8443 to 8445"* ]]
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	service restart
	listens 8445
	machine grep -x 'output.sh up --to-port 8445 with' /run/test/rules
}

@test "sysv: a configuration with carriage returns is the daemon's" {
	configure handyproxy 8443 $'drain-timeout 65s\r' $'local-port 08445\r'
	rules_for handyproxy 'output'
	run -0 service start
	rules_become <<- 'END'
		output.sh up --to-port 8445 with
	END
	listens 8445
	run -0 service reload
	[[ $output == *reloaded* ]]
}

@test "sysv: a reload applies changed RULES" {
	check_reload_applies_rules
}

@test "sysv: a start says what it did, also of a daemon that runs" {
	run -0 service start
	[[ $output == *"handyproxy handyproxy: started"* ]]
	[[ $output == *"no RULES in /etc/default/handyproxy: nothing is redirected"* ]]
	pid=$(daemon_pid)
	rules_for handyproxy 'output --ports 443'
	run -0 service start
	echo "$output"
	[[ $output == *"is running already, and was left as it is"* ]]
	[[ $output == *"rules are up: output --ports 443"* ]]
	[ "$(daemon_pid)" = "$pid" ]
	configure guests 8444
	run -0 service start guests
	[[ $output == *"no RULES in /etc/default/handyproxy.guests: nothing is redirected"* ]]
}

# As src/doc/init-systems.md has it for cron: what follows the times and the user.
cron_command() {
	sed -n 's,^    \* \* \* \* \* root ,,p' "$repository/src/doc/init-systems.md" |
	    sed "s,/usr/local,$prefix,g"
}

@test "sysv: cron restarts a daemon that died, and none that was stopped" {
	local command

	command=$(cron_command)
	[[ $command == */etc/init.d/handyproxy* ]]
	service start
	pid=$(daemon_pid)
	machine sh -c "$command"
	[ "$(daemon_pid)" = "$pid" ]
	machine kill -s KILL "$pid"
	wait_until 60 is_free 8443
	machine sh -c "$command"
	has_come_back "$pid"
	service stop
	machine sh -c "$command"
	run -3 service status
}

# By busybox' init, which reads the same lines as others but for the run levels.
@test "sysv: inittab restarts a daemon that died" {
	command -v busybox > /dev/null || skip "busybox is not installed"
	local line

	line=$(sed -n 's,^    hp:2345:respawn:,,p' "$repository/src/doc/init-systems.md")
	[ "$line" = '/etc/init.d/handyproxy foreground handyproxy' ]
	machine sh -c "echo '::respawn:$line' > /etc/inittab"
	machine unshare --pid --fork --mount-proc busybox init 3>&- &
	wait_until 60 listens 8443
	supervised=$(machine pgrep -x handyproxy | head -n 1)
	machine kill -s KILL "$supervised"
	wait_until 60 comes_back_after "$supervised"
}

comes_back_after() {
	local pid

	pid=$(machine pgrep -x handyproxy | head -n 1)
	[ -n "$pid" ] && [ "$pid" != "$1" ] && listens 8443
}

@test "sysv: a daemon in the foreground gets its rules by start" {
	run -2 service foreground
	run -6 service foreground nobody
	machine setsid dash /etc/init.d/handyproxy foreground handyproxy 3>&- &
	wait_until 60 listens 8443
	wait_until 60 service status
	rules_for handyproxy 'output'
	run -0 service start
	[[ $output == *"is running already"*"rules are up: output"* ]]
	service stop
	is_free 8443
}

@test "sysv: a daemon that ends at once, whatever its status, is a failed start" {
	rules_for handyproxy 'output'
	daemon_that_ends
	run -1 service start
	[[ $output == *"did not start"* ]]
	machine test ! -e /run/test/rules
	run -3 service status
}

@test "sysv: a restart that fails takes the rules down" {
	rules_for handyproxy 'output'
	service start
	configure handyproxy 3128 'upstream-proxy 10.1.0.2'
	machine python3 "$repository/tests/system/init_tunnel.py" upstream \
	    3>&- &
	wait_until 60 listens 3128
	run -1 service restart
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
		output.sh down with
	END
}
