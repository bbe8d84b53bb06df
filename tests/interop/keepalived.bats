# SPDX-License-Identifier: MIT
# Two routers that share an address by keepalived, with the configuration that
# README.md gives. The lab's router is the first; each network is a bridge at its
# other end:
#
#     client 192.168.1.10 ---- router 192.168.1.1, 10.1.0.1 ---- upstream 10.1.0.2
#                       \---- second 192.168.1.2, 10.1.0.3 ----/

bats_require_minimum_version 1.5.0
load ../system/lab

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PROGRAM=$(realpath "${HANDYPROXY:-$ROOT/build/gcc/handyproxy}")
ORIGIN=93.184.216.34
SHARED=192.168.1.254
# On the lab's own tmpfs, where others than root may look. Each router has a folder.
files=/run/routers

setup_file() {
	local program
	for program in keepalived conntrack; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null ||
		    export ROUTERS_ARE_NOT="$program is not installed"
	done
	lab_has_users || export ROUTERS_ARE_NOT='keepalived wants to be root'
	[ -z "${ROUTERS_ARE_NOT-}" ] || return 0
	lab_up
	join_networks
	install_handyproxy
	start_origin
	for router in router second; do
		set_up "$router"
	done
	in_client ip route replace default via "$SHARED"
	begin router
	wait_until 10 has_address router
	begin second
	wait_until 10 grep -q 'BACKUP STATE' "$BATS_FILE_TMPDIR/second.keepalived"
	lab_start client "$BATS_TEST_DIRNAME/keepalived_client.py" "$ORIGIN" 80 \
	    >"$BATS_FILE_TMPDIR/pages" 2>&1
	wait_until 20 pages_come_since 0 || {
		explain
		return 1
	}
}

teardown_file() {
	lab_down
}

setup() {
	[ -z "${ROUTERS_ARE_NOT-}" ] || skip "$ROUTERS_ARE_NOT"
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED-}" ] || explain
}

# What a failed test leaves, for its output.
explain() {
	tail -n 12 "$BATS_FILE_TMPDIR"/*.keepalived "$BATS_FILE_TMPDIR"/*.log | cut -c -200
	in_client tail -n 5 "$files/router/log" "$files/second/log"
}

# --- the network

join_networks() {
	in_client ip netns add second
	in_client ip -n second link set lo up
	bridge client 192.168.1.10/24 lan
	bridge upstream 10.1.0.2/24 wan
	in_client ip -n second address add 192.168.1.2/24 dev lan
	in_client ip -n second address add 10.1.0.3/24 dev wan
	in_client ip -n second route add default via 10.1.0.2
	lab_in second sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# The host's end of its cable becomes a bridge, to which the second router has a
# cable, too.
bridge() { # HOST ADDRESS INTERFACE
	lab_in "$1" ip link add bridge type bridge
	lab_in "$1" ip link add eth1 type veth peer name "$3" netns second
	lab_in "$1" ip address flush dev eth0
	lab_in "$1" ip address add "$2" dev bridge
	for interface in eth0 eth1; do
		lab_in "$1" ip link set "$interface" master bridge up
	done
	lab_in "$1" ip link set bridge up
	lab_in second ip link set "$3" up
}

start_origin() {
	lab_start upstream python3 "$BATS_TEST_DIRNAME/site.py" "$ORIGIN" 80 \
	    >"$BATS_FILE_TMPDIR/site.log" 2>&1
	lab_start upstream python3 "$ROOT/tests/fixtures/connect_proxy.py" \
	    --listen 10.1.0.2:3128 >"$BATS_FILE_TMPDIR/proxy.log" 2>&1
	wait_until 10 listens upstream 80
	wait_until 10 listens upstream 3128
}

listens() { # HOST PORT
	lab_in "$1" ss -Hltn "sport = $2" | grep -q .
}

# --- a router

install_handyproxy() {
	in_client install -d "$files/sbin" "$files/libexec/handyproxy"
	in_client cp "$PROGRAM" "$files/sbin/handyproxy"
	in_client cp "$ROOT"/iptables/*.sh "$files/libexec/handyproxy"
	in_client cp "$ROOT/scripts/init/functions.sh" \
	    "$files/libexec/handyproxy/init-functions.sh"
}

# The init script, and keepalived's configuration from README.md, both with this
# router's paths and names.
set_up() { # ROUTER
	local here=$files/$1
	in_client install -d "$here/etc/handyproxy" "$here/etc/default"
	write "$here/handyproxy" sed -e "s,^prefix=.*,prefix=$files," \
	    -e "s,^sysconfdir=.*,sysconfdir=$here/etc," -e "s,^rundir=.*,rundir=$here/run," \
	    "$ROOT/scripts/init/sysv/handyproxy"
	in_client chmod 755 "$here/handyproxy"
	write "$here/etc/handyproxy/handyproxy.conf" printf '%s\n' \
	    'upstream-proxy 10.1.0.2' 'log-level info' "log-to $here/log" 'drain-timeout 0'
	write "$here/etc/default/handyproxy" echo 'RULES="prerouting --interface lan"'
	write "$here/keepalived.conf" keepalived_conf "$1"
	lab_in "$1" "$here/handyproxy" start >"$BATS_FILE_TMPDIR/$1.log" 2>&1
}

write() { # FILE COMMAND...
	"${@:2}" | in_client tee "$1" >/dev/null
}

keepalived_conf() { # ROUTER
	local priority=150
	[ "$1" = router ] || priority=100
	sed -n '/^    global_defs {/,/^    }$/p; /^    vrrp_script /,/^    }$/p
	    /^    vrrp_instance /,/^    }$/p' "$ROOT/README.md" |
	    sed -e "s,/etc/init.d/handyproxy,$files/$1/handyproxy," \
	        -e "s,br-lan,lan," -e "s,priority 150,priority $priority,"
}

begin() { # ROUTER
	lab_start "$1" keepalived --dont-fork --log-console --log-detail --vrrp \
	    --use-file "$files/$1/keepalived.conf" --pid "$files/$1/pid" \
	    --vrrp_pid "$files/$1/vrrp_pid" >"$BATS_FILE_TMPDIR/$1.keepalived" 2>&1
}

has_address() { # ROUTER
	lab_in "$1" ip -4 address show dev lan | grep -q "inet $SHARED/"
}

served() { # ROUTER
	in_client grep -c 'connection closed .*result=done' "$files/$1/log" || :
}

# --- what the client sees

pages_come_since() { # MILLISECONDS
	awk -v since="$1" '$1 >= since { found = 1 } END { exit !found }' \
	    "$BATS_FILE_TMPDIR/pages"
}

# The longest time since then in which no page came.
longest_wait_since() { # MILLISECONDS
	sort -n -k 2 "$BATS_FILE_TMPDIR/pages" | awk -v last="$1" '
		$2 > last { if ($2 - last > longest) longest = $2 - last; last = $2 }
		END { print longest + 0 }'
}

# Does the command, after which the other router has the address and serves new
# connections. The longest wait while nothing fails is this machine's share.
goes_on_by() { # ROUTER COMMAND...
	local before begin noise control took
	before=$(served "$1")
	begin=$(uptime_ms)
	noise=$(noise_ms)
	wait_until 10 pages_come_since $((begin + 1000))
	control=$(($(longest_wait_since "$begin") + noise))
	begin=$(uptime_ms)
	"${@:2}"
	wait_until 20 has_address "$1"
	wait_until 20 has_served_more "$1" "$before"
	wait_until 20 pages_come_since "$(uptime_ms)"
	took=$(longest_wait_since "$begin")
	echo "no page for $took ms; while nothing fails for $control ms"
	[ "$took" -lt $((3000 + control)) ]
}

has_served_more() { # ROUTER THAN
	[ "$(served "$1")" -gt "$2" ]
}

@test "two routers: the first has the address, and serves the client" {
	has_address router
	run ! has_address second
	wait_until 10 has_served_more router 0
	[ "$(served second)" -eq 0 ]
}

# The router is ready to take over: its HandyProxy and its links are well.
stands_by() { # ROUTER
	[ "$(grep -o '[A-Z]* STATE$' "$BATS_FILE_TMPDIR/$1.keepalived" | tail -n 1)" = \
	    'BACKUP STATE' ]
}

kill_handyproxy() { # ROUTER
	lab_in "$1" sh -c "kill -s KILL \$(cat $files/$1/run/handyproxy.pid)"
}

@test "two routers: new connections go on when HandyProxy is killed" {
	goes_on_by second kill_handyproxy router
	run ! has_address router
	# Where process 1 is slow to reap it, start-stop-daemon takes it for alive.
	wait_until 10 lab_in router "$files/router/handyproxy" start
	wait_until 20 stands_by router
	has_address second
}

@test "two routers: new connections go on when the way to the proxy is lost" {
	wait_until 20 stands_by router
	goes_on_by router in_upstream ip link set eth1 down
	run ! has_address second
	in_upstream ip link set eth1 up
	wait_until 20 stands_by second
}

kill_router() { # INTERFACE-TO-IT
	in_client ip link set "$1" down
	in_upstream ip link set "$1" down
	# shellcheck disable=SC2046 # a list of pids
	kill -s KILL $(in_client ip netns pids router)
}

@test "two routers: new connections go on when a router is killed" {
	wait_until 20 stands_by second
	goes_on_by second kill_router eth0
}
