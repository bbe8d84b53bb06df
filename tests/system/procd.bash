# SPDX-License-Identifier: MIT
# A machine whose init script is procd's, for the tests with and without a real
# procd.

# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2154 # init.bash and bats set them
load init

# procd_machine_start RC_COMMON [ROOT]: with this file as /etc/rc.common, and what
# else the root directory of an OpenWrt has.
procd_machine_start() {
	command -v busybox > /dev/null || skip "busybox is not installed"
	machine_start "${@:2}"
	machine_install procd
	machine_record_rules
	machine tee /etc/rc.common < "$1" > /dev/null
	machine mount --bind "$(command -v busybox)" "$(readlink -f /bin/sh)"
	machine mount -t tmpfs tmpfs /var
	machine ln -s /run /var/run
	config "config handyproxy 'handyproxy'" "option local_port '8443'"
}

# config LINE...: makes this UCI's configuration of HandyProxy.
config() {
	printf '%s\n' "$@" | machine tee /etc/config/handyproxy > /dev/null
}

service() {
	machine /etc/init.d/handyproxy "$@"
}

# says_times COUNT WORDS: how often the last output has them.
says_times() {
	echo "$output"
	[ "$(grep -cF -e "$2" <<< "$output")" -eq "$1" ]
}

# Waits for more bytes that come back through the tunnel.
tunnel_goes_on() {
	local bytes

	bytes=$(machine grep -c . /run/test/tunnel)
	wait_until 60 tunnel_has_more_than "$bytes"
}

tunnel_has_more_than() {
	[ "$(machine grep -c . /run/test/tunnel)" -gt "$1" ]
}

# --- what holds with and without a real procd

start_waits_for_drain() {
	config "config handyproxy 'handyproxy'" "option drain_timeout '1h'" \
	    "list rules 'output'"
	service start
	pid=$(daemon_pid)
	tunnel_open
	service stop
	wait_until 60 is_free 8443
	machine rm /run/test/rules
	service start > "$BATS_TEST_TMPDIR/start" 2>&1 3>&- &
	start=$!
	wait_until 60 machine test -e /var/etc/handyproxy/handyproxy.conf
	machine pkill -f 'init_tunnel.py client'
	wait "$start"
	run -0 cat "$BATS_TEST_TMPDIR/start"
	says_times 0 'is running already'
	says_times 1 'rules are up: output'
	[ "$(daemon_pid)" != "$pid" ]
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
}
