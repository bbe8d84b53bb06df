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
