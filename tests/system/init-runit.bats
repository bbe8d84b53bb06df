# SPDX-License-Identifier: MIT
# The runit service, run by runsvdir, and its log by svlogd.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

# service ACTION INSTANCE: the actions under runit's names. sv has no status of
# its own for a failed action, and waits for $patience.
service() {
	case $1 in
	start) machine sv -w "${patience-60}" start "/run/service/$2" ;;
	stop) machine sv -w "${patience-60}" stop "/run/service/$2" ;;
	restart)
		machine sv -w "${patience-60}" restart "/run/service/$2"
		machine sv -w "${patience-60}" start "/run/service/$2"
		;;
	*) machine sv "$1" "/run/service/$2" ;;
	esac
}

settings_file() {
	echo "/etc/sv/$1/conf"
}

setup() {
	command -v runsvdir > /dev/null || [ -d "$peers/runit" ] ||
	    skip "runit is not installed"
	machine_start runit
	machine_install runit
	machine_record_rules
	configure handyproxy 8443
	machine mount -t tmpfs tmpfs /var/log
	machine mkdir /run/service
	# The program that runit would start at boot.
	machine env -i PATH="$PATH" runsvdir -P /run/service \
	    > "$machine_files/runsvdir" 2>&1 3>&- &
}

teardown() {
	machine_stop
}

# enable INSTANCE: as a service that does not start by itself.
enable() {
	[ "$1" = handyproxy ] ||
	    machine cp -R /etc/sv/handyproxy "/etc/sv/$1"
	machine touch "/etc/sv/$1/down"
	machine ln -s "/etc/sv/$1" "/run/service/$1"
	wait_until 60 supervised "$1"
}

supervised() {
	machine sv status "/run/service/$1" "/run/service/$1/log" > /dev/null
}

# has_logged WORDS: whether an instance has logged them.
has_logged() {
	machine grep -rq "$1" /var/log/handyproxy
}

@test "runit: start, check, reload, restart and stop" {
	enable handyproxy
	run service status handyproxy
	[[ $output == down:* ]]
	service start handyproxy
	listens 8443
	service check handyproxy
	run -0 service status handyproxy
	[[ $output == run:* ]]
	pid=$(daemon_pid)

	machine mv /run/test/handyproxy.log /run/test/old.log
	service reload handyproxy
	wait_until 60 machine test -e /run/test/handyproxy.log
	[ "$(daemon_pid)" = "$pid" ]

	# Within a second of its start sv takes the old daemon for the new one.
	service restart handyproxy
	wait_until 60 has_come_back "$pid"
	service stop handyproxy
	is_free 8443
	run service status handyproxy
	[[ $output == down:* ]]
}

@test "runit: the log goes to svlogd" {
	enable handyproxy
	machine sh -c 'echo local-port 8443 > /etc/handyproxy/handyproxy.conf'
	service start handyproxy
	wait_until 60 has_logged "notice master"
}

@test "runit: instances start and stop alone" {
	configure guests 8444
	enable handyproxy
	enable guests
	service start guests
	is_free 8443
	service start handyproxy
	service stop guests
	is_free 8444
	listens 8443
}

@test "runit: a daemon that crashed comes back" {
	enable handyproxy
	service start handyproxy
	pid=$(daemon_pid)
	machine kill -s KILL "$pid"
	wait_until 60 has_come_back "$pid"
	service check handyproxy
}

@test "runit: a wrong configuration stops nothing" {
	enable handyproxy
	service start handyproxy
	pid=$(daemon_pid)
	configure handyproxy 8443 'idle-timeout fortnight'
	for action in reload restart; do
		run machine sv -w 2 "$action" /run/service/handyproxy
		wait_until 60 has_logged fortnight
		machine rm -r /var/log/handyproxy
		machine sv restart /run/service/handyproxy/log
		[ "$(daemon_pid)" = "$pid" ]
		listens 8443
	done
	run ! machine grep -q 'idle-timeout' /run/test/handyproxy.log
	service stop handyproxy
	patience=10
	run ! service start handyproxy
	wait_until 60 has_logged fortnight
}

@test "runit: a configuration that the daemon cannot read is not reloaded" {
	enable handyproxy
	check_unreadable_configuration_is_not_reloaded
}

@test "runit: an open tunnel has the drain timeout to end" {
	enable handyproxy
	check_tunnel_outlives_stop
}

@test "runit: a daemon that hangs is killed" {
	local before took

	# runsv would continue a stopped daemon. This daemon does not know the
	# shorter time.
	configure handyproxy 8443 'drain-timeout 60s'
	enable handyproxy
	service start handyproxy
	tunnel_open
	configure handyproxy 8443 'drain-timeout 1s'
	before=$(tenths_of_a_second)
	service stop handyproxy
	took=$(($(tenths_of_a_second) - before))
	echo "it took $took tenths of a second"
	[ "$took" -ge 60 ] && [ "$took" -lt $((115 + $(noise_ms) / 100)) ]
}

@test "runit: rules go up after the port is bound and down before it is free" {
	enable handyproxy
	enable guests
	check_rules_follow_the_port
}

@test "runit: wrong rules start and stop nothing" {
	enable handyproxy
	enable fourteen-bytes
	check_wrong_rules_change_nothing
}

@test "runit: a reload applies changed RULES" {
	enable handyproxy
	check_reload_applies_rules
}

@test "runit: a start without RULES says that nothing is redirected" {
	enable handyproxy
	says 'no RULES in /etc/sv/handyproxy/conf: nothing is redirected' \
	    service start handyproxy
}

@test "runit: rules go down for a daemon that is told to stay down when it cannot start" {
	rules_for handyproxy 'output'
	enable handyproxy
	service start handyproxy
	configure handyproxy 8443 'idle-timeout fortnight'
	machine kill -s KILL "$(daemon_pid)"
	wait_until 60 has_logged fortnight
	machine rm /run/test/rules
	service stop handyproxy
	rules_become <<- 'END'
		output.sh down with
	END
}

@test "runit: rules that stay make the stop fail, and the daemon stays" {
	enable handyproxy
	patience=10
	check_rules_that_stay_fail_a_stop
	listens 8443
	machine rm /run/test/rules-fail-down
	service stop handyproxy
	is_free 8443
	machine test ! -e /run/handyproxy/handyproxy.rules
}

@test "runit: no rules go up for a daemon that ends at once" {
	rules_for handyproxy 'output'
	daemon_that_ends
	enable handyproxy
	patience=10
	run ! service start handyproxy
	machine test ! -e /run/test/rules
}
