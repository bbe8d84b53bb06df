# SPDX-License-Identifier: MIT
# The procd service on OpenWrt's own procd, ubusd, uci and shell functions. They
# come from the root directory that OPENWRT_ROOT names: see tests/README.md.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load procd

setup() {
	[ -n "${OPENWRT_ROOT-}" ] ||
	    skip "OPENWRT_ROOT names no OpenWrt: procd is only imitated, in init-procd.bats"
	[ "$(readlink -f /sbin)" = /usr/sbin ] ||
	    skip "the host's /sbin is not in /usr"
	procd_machine_start "$OPENWRT_ROOT/etc/rc.common" "$OPENWRT_ROOT"
	# Without a log daemon only busybox's prints what it cannot send.
	machine mount --bind "$(command -v busybox)" "$(command -v logger)"
	machine mkdir -p /var/lock /var/state /run/ubus /etc/rc.d
	machine ubusd > /dev/null 2>&1 3>&- &
	wait_until 60 machine test -S /run/ubus/ubus.sock
	machine procd -S > "$machine_files/procd.log" 2>&1 3>&- &
	wait_until 60 procd_answers
}

teardown() {
	machine_stop
}

procd_answers() {
	machine ubus list service > /dev/null 2>&1
}

# procd's line on the service or an instance; see rc.common.
status_is() { # WORDS [NAME]
	[ "$(service status ${2:+"$2"})" = "$1" ]
}

# What LuCI and reload_config send after a change.
configuration_changed() {
	machine ubus call service event \
	    '{ "type": "config.change", "data": { "package": "handyproxy" } }'
}

@test "real procd: start, status, stop, and each again" {
	run -0 service start
	says_times 1 "no RULES in /etc/config/handyproxy: nothing is redirected"
	listens 8443
	pid=$(daemon_pid)
	status_is running
	status_is running handyproxy
	service running
	run -0 service start
	says_times 1 "is running already, and was left as it is"
	[ "$(daemon_pid)" = "$pid" ]
	run -0 service restart
	says_times 0 "Command failed"
	listens 8443
	[ "$(daemon_pid)" != "$pid" ]
	run -0 service stop
	wait_until 60 status_is inactive
	is_free 8443
	for name in '' handyproxy; do
		run -0 service stop $name
		says_times 1 "is not running"
		says_times 0 "Command failed"
	done
	run -0 service restart
	says_times 0 "Command failed"
	listens 8443
}

@test "real procd: the configuration of a section that is gone is not used again" {
	for gone in "option enabled '0'" "option local_port '8444'"; do
		config "config handyproxy 'handyproxy'" "option drain_timeout '1s'"
		service start
		listens 8443
		if [[ $gone == *enabled* ]]; then
			config "config handyproxy 'handyproxy'" "$gone"
		else
			config "config handyproxy 'guests'" "$gone"
		fi
		service reload
		wait_until 60 is_free 8443
		machine test ! -e /var/etc/handyproxy/handyproxy.conf
		config "config handyproxy 'handyproxy'" \
		    "option idle_timeout 'fortnight'"
		for action in reload start; do
			run -1 service "$action"
			says_times 1 fortnight
			is_free 8443
		done
		config "config handyproxy 'handyproxy'"
		run -0 service reload
		says_times 0 "Command failed"
		listens 8443
		service stop
		wait_until 60 status_is inactive
	done
}

@test "real procd: a name that is not there is an error, and changes nothing" {
	config "config handyproxy 'handyproxy'" "option log_to '/run/test/log'" \
	    "config handyproxy 'guests'" "option enabled '0'"
	service start
	pid=$(daemon_pid)
	for action in start stop restart reload; do
		for name in nobody no-body; do
			run -1 service "$action" "$name"
			says_times 1 "there is no section $name in /etc/config/handyproxy"
			says_times 0 "Command failed"
		done
		[ "$action" != stop ] || continue
		run -1 service "$action" guests
		says_times 1 "section guests of /etc/config/handyproxy is not enabled"
	done
	run -4 service status nobody
	[ "$(daemon_pid)" = "$pid" ]
	run ! machine grep -q 'configuration read again' /run/test/log
}

@test "real procd: a mistake is said once, and changes neither daemon nor rules" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service start
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	while IFS='|' read -r mistake words; do
		config "config handyproxy 'handyproxy'" "list rules 'prerouting'" \
		    "$mistake"
		for action in reload restart start; do
			run -1 service "$action"
			says_times 1 "$words"
			says_times 1 "is wrong, and not used"
			says_times 0 "rules are up"
			says_times 0 "not all rules"
			[ "$(daemon_pid)" = "$pid" ]
			listens 8443
			machine test ! -e /run/test/rules
		done
	done <<- 'END'
		option idle_timeout 'fortnight'|section handyproxy: idle-timeout "fortnight"
		option local_prot '8445'|there is no option local_prot
		list rules 'prerouting --ports 80'|RULES name prerouting twice
		list rules 'outptu'|no such rules: outptu
		option config_file '/none'|section handyproxy: config_file: cannot read /none
		option upstream_proxy 'proxy#1'|a # or a line end is not possible
		option upstream-proxy 'a.test'|invalid character
		option upstream_proxy 'a.test|unterminated
	END
	machine rm /etc/config/handyproxy
	run -1 service reload
	says_times 1 "Entry not found"
	[ "$(daemon_pid)" = "$pid" ]
}

@test "real procd: a value means what it says" {
	config "config handyproxy 'handyproxy'" \
	    "list connect_header 'X: a\"b  c'" \
	    "list connect_header 'Y: it'\\''s \$(id) \`id\` \$HOME * \\n'" \
	    "list route '* direct'" "option upstream_proxy \"a.test\""$'\r' \
	    "option drain_timeout 7s"$'\r'
	service start
	diff <(machine cat /var/etc/handyproxy/handyproxy.conf) - <<- 'END'
		log-to syslog
		upstream-proxy a.test
		route * direct
		connect-header X: a"b  c
		connect-header Y: it's $(id) `id` $HOME * \n
		drain-timeout 7s
	END
	[ "$(machine ubus -S call service list '{ "name": "handyproxy" }' |
	    machine jsonfilter -e '@.handyproxy.instances.handyproxy.term_timeout')" -eq 12 ]
}

@test "real procd: a master that crashes is started again, and its rules stay" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service start
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	machine kill -s KILL "$pid"
	wait_until 60 has_come_back "$pid"
	machine test ! -e /run/test/rules

	# A reload does not wait for procd.
	machine kill -s KILL "$(daemon_pid)"
	wait_until 60 status_is "not running"
	run -0 service reload
	says_times 0 "Command failed"
	listens 8443
	status_is running
}

@test "real procd: a changed configuration is reloaded" {
	config "config handyproxy 'handyproxy'" "option log_to '/run/test/log'" \
	    "list rules 'output'"
	service start
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	config "config handyproxy 'handyproxy'" "option log_to '/run/test/log'" \
	    "option idle_timeout '1h'" "list rules 'prerouting'"
	configuration_changed
	rules_become <<- 'END'
		output.sh down with 8443
		prerouting.sh up --to-port 8443 with 8443
	END
	wait_until 60 machine grep 'configuration read again' /run/test/log
	[ "$(daemon_pid)" = "$pid" ]
	config "config handyproxy 'handyproxy'" "option local_port '8445'" \
	    "list rules 'prerouting'"
	configuration_changed
	wait_until 60 listens 8445
	is_free 8443
}

@test "real procd: two sections, each by its name" {
	config "config handyproxy 'handyproxy'" "option log_to '/run/test/log'" \
	    "config handyproxy 'guests'" "option local_port '8444'" \
	    "option log_to '/run/test/guests.log'" "list rules 'output'"
	run -0 service start
	listens 8443
	listens 8444
	pid=$(daemon_pid)
	run -0 service reload guests
	wait_until 60 machine grep 'configuration read again' /run/test/guests.log
	run ! machine grep -q 'configuration read again' /run/test/log
	run -0 service restart guests
	run -0 service stop guests
	wait_until 60 is_free 8444
	run -0 service restart guests
	says_times 0 "Command failed"
	listens 8444
	[ "$(daemon_pid)" = "$pid" ]
	machine grep -c . /run/test/rules
	rules_become <<- 'END'
		output.sh up --name guests --to-port 8444 with 8444
		output.sh up --name guests --to-port 8444 with 8444
		output.sh up --name guests --to-port 8444 with 8444
		output.sh down --name guests with 8444
		output.sh up --name guests --to-port 8444 with 8444
	END
}

@test "real procd: a start waits for a daemon that drains" {
	start_waits_for_drain
}

@test "real procd: tunnels of a section that is gone drain, whatever else starts" {
	config "config handyproxy 'handyproxy'" "option drain_timeout '1h'"
	service start
	pid=$(daemon_pid)
	tunnel_open
	config "config handyproxy 'guests'" "option local_port '8444'"
	service reload
	wait_until 60 is_free 8443
	for action in reload start restart; do
		run -0 service "$action"
		listens 8444
		tunnel_goes_on
	done
	config "config handyproxy 'guests"
	run -1 service reload
	listens 8444
	tunnel_goes_on
	[ "$(daemon_pid)" = "$pid" ]
}

@test "real procd: a restart on another port, with a tunnel open" {
	config "config handyproxy 'handyproxy'" "option drain_timeout '3s'" \
	    "list rules 'output'"
	service start
	tunnel_open
	config "config handyproxy 'handyproxy'" "option local_port '8445'" \
	    "list rules 'output'"
	run -0 service restart
	says_times 0 "the port has changed"
	listens 8445
	is_free 8443
}

@test "real procd: a daemon that hangs is killed" {
	config "config handyproxy 'handyproxy'" "option drain_timeout '1s'"
	service start
	pid=$(daemon_pid)
	machine kill -s STOP "$pid"
	service stop
	wait_until 60 machine test ! -e "/proc/$pid"
	wait_until 60 status_is inactive
}

@test "real procd: boot and shutdown" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service enable
	service enabled
	run -0 machine /etc/rc.d/S95handyproxy boot
	listens 8443
	status_is running
	run -0 machine /etc/rc.d/K10handyproxy shutdown
	wait_until 60 is_free 8443
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
		output.sh down with 8443
	END
}
