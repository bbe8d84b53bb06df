# SPDX-License-Identifier: MIT
# The OpenRC service, run by openrc-run: with supervise-daemon, the default, and
# with start-stop-daemon.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

# service ACTION INSTANCE
service() {
	machine "$(service_script "$2")" "$1"
}

service_script() {
	case $1 in
	handyproxy) echo /etc/init.d/handyproxy ;;
	*) echo "/etc/init.d/handyproxy.$1" ;;
	esac
}

settings_file() {
	case $1 in
	handyproxy) echo /etc/conf.d/handyproxy ;;
	*) echo "/etc/conf.d/handyproxy.$1" ;;
	esac
}

setup() {
	[ -x /sbin/openrc-run ] || [ -d "$peers/openrc" ] ||
	    skip "openrc is not installed"
	machine_start openrc
	machine_install openrc
	machine_record_rules
	configure handyproxy 8443
	machine ln -s handyproxy /etc/init.d/handyproxy.guests
	# Makes the machine look as if OpenRC had booted it.
	# shellcheck disable=SC2016 # for the shell in the machine
	machine sh -c 'for state in daemons exclusive failed inactive options \
	    scheduled started starting stopping tmp wasinactive; do
		mkdir -p "/run/openrc/$state"
	    done
	    echo default > /run/openrc/softlevel
	    # In Debian it is a part of insserv.
	    touch /etc/insserv.conf'
}

teardown() {
	machine_stop
}

with_start_stop_daemon() {
	echo 'supervisor=""' | machine tee -a /etc/conf.d/handyproxy
}

a_life() {
	local pid

	run -3 service status handyproxy
	run -1 service reload handyproxy
	service start handyproxy
	listens 8443
	run -0 service status handyproxy
	pid=$(daemon_pid)

	machine mv /run/test/handyproxy.log /run/test/old.log
	service reload handyproxy
	wait_until 60 machine test -e /run/test/handyproxy.log
	[ "$(daemon_pid)" = "$pid" ]

	service restart handyproxy
	[ "$(daemon_pid)" != "$pid" ]
	service stop handyproxy
	is_free 8443
	run -3 service status handyproxy
}

instances_are_apart() {
	configure guests 8444
	service start guests
	is_free 8443
	service start handyproxy
	service stop guests
	is_free 8444
	listens 8443
	run -0 service status handyproxy
	run -3 service status guests
}

@test "openrc: start, status, reload, restart and stop" {
	a_life
}

@test "openrc: the same with start-stop-daemon" {
	with_start_stop_daemon
	a_life
}

@test "openrc: instances start and stop alone" {
	instances_are_apart
}

@test "openrc: instances start and stop alone with start-stop-daemon" {
	with_start_stop_daemon
	instances_are_apart
}

@test "openrc: a supervised daemon that crashed comes back" {
	service start handyproxy
	pid=$(daemon_pid)
	machine kill -s KILL "$pid"
	wait_until 60 has_come_back "$pid"
	run -0 service status handyproxy
	service stop handyproxy
	is_free 8443
}

@test "openrc: status reports an unsupervised daemon that crashed" {
	with_start_stop_daemon
	service start handyproxy
	machine kill -s KILL "$(daemon_pid)"
	run -32 service status handyproxy
	wait_until 60 is_free 8443
	service restart handyproxy
	run -0 service status handyproxy
}

@test "openrc: a start that fails says why and leaves nothing" {
	configure guests 8443
	service start handyproxy
	run ! service start guests
	[[ $output == *8443* ]]
	run -3 service status guests
	run -0 service status handyproxy
	machine pgrep -f 'supervise-daemon handyproxy '
	run ! machine pgrep -f guests
}

@test "openrc: a wrong configuration stops nothing" {
	check_wrong_configuration_changes_nothing
}

@test "openrc: a configuration that the daemon cannot read is not reloaded" {
	check_unreadable_configuration_is_not_reloaded
	run ! service reload handyproxy
}

@test "openrc: a wrong configuration stops nothing with start-stop-daemon" {
	with_start_stop_daemon
	check_wrong_configuration_changes_nothing
}

@test "openrc: an open tunnel has the drain timeout to end" {
	check_tunnel_outlives_stop
}

@test "openrc: the same with start-stop-daemon, too" {
	with_start_stop_daemon
	check_tunnel_outlives_stop
}

@test "openrc: a daemon that hangs is killed" {
	check_hung_daemon_is_killed
}

@test "openrc: a reload warns of a kill time that it cannot change" {
	service start handyproxy
	configure handyproxy 8443 'drain-timeout 20s'
	run service reload handyproxy
	[[ $output == *"restart to change it"* ]]
}

@test "openrc: rules go up after the port is bound and down before it is free" {
	check_rules_follow_the_port
}

@test "openrc: wrong rules start and stop nothing" {
	machine ln -s handyproxy /etc/init.d/handyproxy.fourteen-bytes
	check_wrong_rules_change_nothing
	run ! service reload handyproxy
	[[ $output == *"RULES name prerouting twice"* ]]
	run ! service checkconfig handyproxy
	run ! service start fourteen-bytes
	run ! service restart handyproxy
}

@test "openrc: a reload applies changed RULES" {
	check_reload_applies_rules
}

@test "openrc: a start without RULES says that nothing is redirected" {
	says 'no RULES in /etc/conf.d/handyproxy: nothing is redirected' \
	    service start handyproxy
}

@test "openrc: a configuration with carriage returns is the daemon's" {
	configure handyproxy 8443 $'drain-timeout 65s\r' $'local-port 08445\r' \
	    $'log-to stderr\r'
	rules_for handyproxy 'output'
	service start handyproxy
	rules_become <<- 'END'
		output.sh up --to-port 8445 with
	END
	listens 8445
}

@test "openrc: rules that fail make the start fail" {
	rules_for handyproxy 'prerouting --interface br-lan'
	machine touch /run/test/rules-fail-up
	run ! service start handyproxy
	[[ $output == *"not up: prerouting --interface br-lan"* ]]
	is_free 8443
	run -3 service status handyproxy
}

@test "openrc: rules that stay make the stop fail, and the daemon stays" {
	check_rules_that_stay_fail_a_stop
	listens 8443
	run -0 service status handyproxy
	machine rm /run/test/rules-fail-down
	service stop handyproxy
	is_free 8443
	machine test ! -e /run/handyproxy/handyproxy.rules
}

@test "openrc: a daemon that ends at once, whatever its status, is a failed start" {
	rules_for handyproxy 'output'
	daemon_that_ends
	run ! service start handyproxy
	[[ $output == *"its port is not bound"* ]]
	machine test ! -e /run/test/rules
	run -3 service status handyproxy
}

@test "openrc: a reload says that the port has changed" {
	service start handyproxy
	configure handyproxy 8445
	run ! service reload handyproxy
	[[ $output == *"restart it: the port has changed from 8443 to 8445"* ]]
}
