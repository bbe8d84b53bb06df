# SPDX-License-Identifier: MIT
# Where connections end with the rules of prerouting.sh and output.sh.

load rules

setup_file() {
	lab_up
	start_original_destination router serve 0.0.0.0 8443 8044
	start_original_destination router serve :: 8443 8044
	start_original_destination upstream serve "$ORIGIN" 443 80 9050
	start_original_destination upstream serve "$RESERVED" 443 80
	start_original_destination upstream serve "$ORIGIN6" 443 9050
	start_original_destination upstream serve "$NAT64_ORIGIN" 443
	start_original_destination upstream serve fd02::2 80
	start_original_destination upstream serve 10.1.0.2 80
	start_original_destination client serve 192.168.1.10 80
}

teardown_file() {
	lab_down
}

teardown() {
	lab_clear
}

redirects_ports() {
	prerouting up --interface lan
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 80 = "redirected to 8443 for $ORIGIN:80"
	assert_answer client tcp "$ORIGIN" 9050 = "direct to $ORIGIN:9050"
	prerouting up --interface lan --to-port 8044 \
	    --ports 9000-9049,9050-9100,1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,80
	assert_answer client tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 80 = "redirected to 8044 for $ORIGIN:80"
	assert_answer client tcp "$ORIGIN" 9050 = "redirected to 8044 for $ORIGIN:9050"
	prerouting down
	assert_answer client tcp "$ORIGIN" 80 = "direct to $ORIGIN:80"
}

@test "a router redirects the ports that are listed, and no others" {
	for_each_backend redirects_ports
}

excludes_and_includes() {
	prerouting up --interface lan --include 10.0.0.0/8 --exclude 93.184.0.0/16 \
	    --include 192.168.1.0/24 --upstream 10.1.0.2:8080
	assert_answer client tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer client tcp "$RESERVED" 443 = "direct to $RESERVED:443"
	assert_answer client tcp 10.1.0.2 80 = 'redirected to 8443 for 10.1.0.2:80'
	# The router's own address, included or not; nothing listens there.
	assert_answer client tcp 192.168.1.1 443 = refused
	prerouting up --interface lan --include 198.18.0.0/15 --include 10.1.0.2 --upstream 10.1.0.2:80
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer client tcp "$RESERVED" 443 = "redirected to 8443 for $RESERVED:443"
	assert_answer client tcp 10.1.0.2 80 = 'direct to 10.1.0.2:80'
}

@test "exclusions are left alone, inclusions beat them, the upstream proxy and the router beat both" {
	for_each_backend excludes_and_includes
}

# With the options of the rules; two clients of the network are looked at.
exempts_sources() {
	prerouting up --interface lan --upstream 192.168.1.10:3128 --reject-quic
	assert_answer client tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 443 192.168.1.11 = "redirected to 8443 for $ORIGIN:443"
	prerouting up --interface lan --exempt-source 192.168.1.11/32
	assert_answer client tcp "$ORIGIN" 443 192.168.1.11 = "direct to $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	prerouting up --interface lan --exempt-source 192.168.1.0/24 --include "$ORIGIN"
	assert_answer client tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
}

@test "the upstream's own connections are left alone, and those of --exempt-source" {
	for_each_backend exempts_sources
}

maps_sources() {
	prerouting up --source 192.168.1.11 --to-port 8044 --source 192.168.1.0/24
	assert_answer client tcp "$ORIGIN" 443 192.168.1.11 = "redirected to 8044 for $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 443 192.168.1.10 = "redirected to 8443 for $ORIGIN:443"
	prerouting up --to-port 8044 --source 192.168.1.10
	assert_answer client tcp "$ORIGIN" 443 192.168.1.11 = "direct to $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 443 192.168.1.10 = "redirected to 8044 for $ORIGIN:443"
}

@test "sources are mapped to ports, and others are left alone" {
	for_each_backend maps_sources
}

minds_interface() {
	prerouting up --interface lan --source 0.0.0.0/0 --include 0.0.0.0/0
	assert_answer client tcp "$ORIGIN" 80 = "redirected to 8443 for $ORIGIN:80"
	assert_answer upstream tcp 192.168.1.10 80 = 'direct to 192.168.1.10:80'
	prerouting up --interface wa+ --interface eth7 --include 0.0.0.0/0
	assert_answer client tcp "$ORIGIN" 80 = "direct to $ORIGIN:80"
	assert_answer upstream tcp 192.168.1.10 80 = 'redirected to 8443 for 192.168.1.10:80'
}

@test "only connections that come in by the interface are redirected" {
	for_each_backend minds_interface
}

rejects_quic() {
	prerouting up --source 192.168.1.10 --reject-quic
	assert_answer client udp "$ORIGIN" 443 192.168.1.10 = refused
	assert_answer client udp "$ORIGIN" 443 192.168.1.11 = direct
	assert_answer client udp "$RESERVED" 443 192.168.1.10 = direct
	assert_answer client udp "$ORIGIN6" 443 = direct
	prerouting down
	assert_answer client udp "$ORIGIN" 443 192.168.1.10 = direct
}

@test "--reject-quic rejects UDP port 443 of redirected clients" {
	for_each_backend rejects_quic
}

rejects_ipv6() {
	prerouting up --interface lan --reject-ipv6
	assert_answer client tcp "$ORIGIN6" 443 = refused
	assert_answer client tcp "$ORIGIN6" 9050 = "direct to $ORIGIN6:9050"
	assert_answer client udp "$ORIGIN6" 443 = direct
	assert_status 0 prerouting status
	[[ $output == *'with tcp'?reset* ]]
	prerouting up --interface lan --reject-ipv6 --reject-quic
	assert_answer client udp "$ORIGIN6" 443 = refused
	prerouting up --source 192.168.1.0/24 --source fd02::/64 --reject-ipv6
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	prerouting up --interface lan --reject-ipv6 --exclude 2606:2800::/32
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
}

@test "--reject-ipv6 resets the same ports over IPv6" {
	for_each_backend rejects_ipv6
}

redirects_ipv6() {
	prerouting up --interface lan --ipv6
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer client tcp "$ORIGIN6" 443 = "redirected to 8443 for $ORIGIN6:443"
	assert_answer client tcp "$ORIGIN6" 9050 = "direct to $ORIGIN6:9050"
	assert_answer client tcp fd02::2 80 = 'direct to fd02::2:80'
	assert_answer client tcp "$NAT64_ORIGIN" 443 = "redirected to 8443 for $NAT64_ORIGIN:443"
	# The router's own address; nothing listens there.
	assert_answer client tcp fd01::1 443 = refused
	prerouting up --interface lan --ipv6 --exclude 2606:2800::/32 --include fc00::/7
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	assert_answer client tcp fd02::2 80 = 'redirected to 8443 for fd02::2:80'
	prerouting up --interface lan --ipv6 --include fc00::/7 --upstream '[fd02::2]:80'
	assert_answer client tcp fd02::2 80 = 'direct to fd02::2:80'
	prerouting up --interface lan --ipv6 --upstream '[fd01::10]:3128'
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	prerouting up --interface lan --ipv6 --exempt-source fd01::/64
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	prerouting up --interface lan
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
}

@test "--ipv6 redirects IPv6 by the same rules" {
	for_each_backend redirects_ipv6
}

maps_sources_of_both_families() {
	prerouting up --ipv6 --source fd01::/64
	assert_answer client tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer client tcp "$ORIGIN6" 443 = "redirected to 8443 for $ORIGIN6:443"
	prerouting up --ipv6 --source 192.168.1.0/24
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	prerouting up --ipv6 --source 192.168.1.0/24 --to-port 8044 --source fd01::/64
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8044 for $ORIGIN:443"
	assert_answer client tcp "$ORIGIN6" 443 = "redirected to 8443 for $ORIGIN6:443"
}

@test "--ipv6: with sources of one family the other is left alone" {
	for_each_backend maps_sources_of_both_families
}

rejects_quic_of_both_families() {
	prerouting up --interface lan --ipv6 --reject-quic
	assert_answer client udp "$ORIGIN" 443 = refused
	assert_answer client udp "$ORIGIN6" 443 = refused
	assert_answer client tcp "$ORIGIN6" 443 = "redirected to 8443 for $ORIGIN6:443"
	assert_answer client tcp "$ORIGIN6" 9050 = "direct to $ORIGIN6:9050"
}

@test "--reject-quic is for both families with --ipv6" {
	for_each_backend rejects_quic_of_both_families
}

opens_input() {
	if [ "$backend" = nft ]; then
		assert_status 1 prerouting up --interface lan --open-input
		assert_output_has 'add "ct status dnat accept"'
		assert_status 3 prerouting status
		return
	fi
	in_router "$backend" -w -A INPUT -i lan -j DROP
	prerouting up --interface lan
	assert_answer client tcp "$ORIGIN" 443 = silence
	prerouting up --interface lan --open-input
	assert_answer client tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer client tcp 192.168.1.1 8443 = silence
	in_router "${backend/iptables/ip6tables}" -w -A INPUT -i lan -p tcp -j DROP
	prerouting up --interface lan --ipv6
	assert_answer client tcp "$ORIGIN6" 443 = silence
	prerouting up --interface lan --ipv6 --open-input
	assert_answer client tcp "$ORIGIN6" 443 = "redirected to 8443 for $ORIGIN6:443"
	assert_answer client tcp fd01::1 8443 = silence
}

@test "--open-input lets redirected connections past an INPUT that drops, and no others" {
	for_each_backend opens_input
}

# --- output.sh. 4242 has no name, as users of containers have none.

needs_users() {
	lab_has_users || skip "a user namespace has but one user"
}

redirects_own() {
	output up --exempt-user 4243 --upstream 10.1.0.2
	assert_answer router:4242 tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer router tcp "$ORIGIN" 80 = "redirected to 8443 for $ORIGIN:80"
	assert_answer router tcp "$ORIGIN" 9050 = "direct to $ORIGIN:9050"
	assert_answer router tcp "$RESERVED" 443 = "direct to $RESERVED:443"
	assert_answer router tcp 10.1.0.2 80 = 'direct to 10.1.0.2:80'
	assert_answer router:65534 tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer router:4243 tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer client tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	output up --interface wan --source 10.1.0.1 --to-port 8044 --upstream 10.1.0.2 \
	    --user 4242 --include "$RESERVED"
	assert_answer router:4242 tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer router:65534 tcp "$ORIGIN" 443 = "redirected to 8044 for $ORIGIN:443"
	assert_answer router:65534 tcp "$RESERVED" 80 = "redirected to 8044 for $RESERVED:80"
	output up --interface lan --upstream 10.1.0.2
	assert_answer router tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	output down
}

@test "a host's own connections are redirected, but for those of exempt users" {
	needs_users
	for_each_backend redirects_own
}

redirects_own_ipv6() {
	output up --ipv6 --exempt-user 4243 --upstream 10.1.0.2
	assert_answer router:4242 tcp "$ORIGIN6" 443 = "redirected to 8443 for $ORIGIN6:443"
	assert_answer router:4242 tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer router:65534 tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	assert_answer router:4243 tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
	assert_answer client tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
}

@test "--ipv6 redirects a host's own connections, but for those of exempt users" {
	needs_users
	for_each_backend redirects_own_ipv6
}

rejects_own() {
	output up --reject-quic --reject-ipv6 --upstream 10.1.0.2
	assert_answer router:4242 udp "$ORIGIN" 443 = refused
	assert_answer router:4242 udp "$RESERVED" 443 = direct
	assert_answer router:4242 udp "$ORIGIN6" 443 = refused
	assert_answer router:4242 tcp "$ORIGIN6" 443 = refused
	assert_answer router:4242 tcp fd02::1 443 = refused
	assert_answer router:65534 udp "$ORIGIN" 443 = direct
	assert_answer router:65534 tcp "$ORIGIN6" 443 = "direct to $ORIGIN6:443"
}

@test "a host's own QUIC and IPv6 are rejected, but for those of exempt users" {
	needs_users
	for_each_backend rejects_own
}

opens_own_input() {
	[ "$backend" != nft ] || return 0
	in_router "$backend" -w -A INPUT -i lo -p tcp --dport 8443 -j DROP
	output up --upstream 10.1.0.2
	assert_answer router tcp "$ORIGIN" 443 = silence
	output up --upstream 10.1.0.2 --open-input
	assert_answer router tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
}

@test "--open-input does so for a host's own connections" {
	needs_users
	for_each_backend opens_own_input
}

# Without the exemption the proxy's own connection would come back to 8443.
exempts_upstream() {
	output up
	assert_answer router tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer router:4243 tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
	assert_answer router through 3128 "$ORIGIN" 443 = "direct to $ORIGIN:443"
}

end() { # PID
	kill "$1"
	wait "$1" || :
}

@test "the user of an upstream proxy on this host is exempt, also if its socket is root's" {
	needs_users
	start_original_destination router:4242 proxy 3128
	for_each_backend exempts_upstream
	for upstream in localhost 127.0.0.1 10.1.0.1:3128 '[fd02::1]:3128' '[::1]'; do
		output up --upstream "$upstream"
		assert_answer router through 3128 "$ORIGIN" 443 = "direct to $ORIGIN:443"
	done
	end "$!"
	start_original_destination router proxy 3128 4244
	exempts_upstream
	end "$!"
}

refuses() { # TEXT [OPTION]...
	assert_status 1 output up "${@:2}"
	assert_output_has "$1" --exempt-user
	assert_equal "${#lines[@]}" 1
	assert_status 3 output status
}

@test "up refuses an upstream proxy on this host that runs as root or is not up" {
	needs_users
	start_original_destination router proxy 3128
	backend=nft
	for_each_backend refuses 'the upstream proxy on port 3128 runs as root'
	refuses 'the upstream proxy on port 3128 runs as root' --upstream localhost
	output up --exempt-user 0
	assert_answer router through 3128 "$ORIGIN" 443 = "direct to $ORIGIN:443"
	output down
	end "$!"
	refuses 'nothing listens on port 3128' --upstream localhost
	refuses 'nothing listens on port 3129' --upstream 10.1.0.1:3129
	output up --upstream localhost --exempt-user 4242
	assert_answer router:4242 tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	output up --upstream 10.1.0.2:3129
	assert_answer router:4242 tcp "$ORIGIN" 443 = "redirected to 8443 for $ORIGIN:443"
}

@test "real proxies on this host are exempt: squid, tinyproxy, cntlm" {
	needs_users
	backend=nft
	reset_rules
	PATH=$PATH:/usr/sbin
	for proxy in squid tinyproxy cntlm; do
		command -v "$proxy" >/dev/null || skip "no $proxy"
	done
	folder=$(mktemp -d /tmp/rules.XXXXXX)
	chmod 777 "$folder"
	cat >"$folder/squid.conf" <<-END
		http_port 3128
		http_access allow localhost
		access_log none
		shutdown_lifetime 0 seconds
		cache_log $folder/squid.log
		pid_filename none
	END
	printf '%s\n' 'Port 3129' 'User tinyproxy' 'Listen 127.0.0.1' >"$folder/tinyproxy.conf"
	printf '%s\n' 'Username u' 'Domain d' 'Password p' 'Listen 127.0.0.1:3130' \
	    'Proxy 10.1.0.2:3128' >"$folder/cntlm.conf"
	lab_start router squid --foreground -f "$folder/squid.conf" >"$folder/log" 2>&1
	pids=$!
	lab_start router tinyproxy -d -c "$folder/tinyproxy.conf" >"$folder/log" 2>&1
	pids="$pids $!"
	lab_start router cntlm -f -U cntlm -c "$folder/cntlm.conf" >"$folder/log" 2>&1
	pids="$pids $!"
	for port in 3128 3129 3130; do
		wait_until 20 in_router bash -c ": </dev/tcp/127.0.0.1/$port" 2>/dev/null
	done
	for port in 3128 3129; do
		output up --upstream "localhost:$port"
		assert_answer router through "$port" "$ORIGIN" 443 = "direct to $ORIGIN:443"
	done
	output up --upstream localhost:3130
	in_router nft list table ip handyproxy_output | grep -q "skuid $(id -u cntlm) "
	for pid in $pids; do
		end "$pid"
	done
	rm -r "$folder"
}

@test "the user of the process that listens is exempt where --user does not say otherwise" {
	needs_users
	backend=nft
	reset_rules
	start_original_destination router:4245 serve 0.0.0.0 8701
	script output.sh up --to-port 8701 --upstream 10.1.0.2
	assert_answer router:4245 tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer router:65534 tcp "$ORIGIN" 443 = "direct to $ORIGIN:443"
	assert_answer router:4242 tcp "$ORIGIN" 443 = "redirected to 8701 for $ORIGIN:443"
	script output.sh up --to-port 8701 --upstream 10.1.0.2 --user 4242
	assert_answer router:4245 tcp "$ORIGIN" 443 = "redirected to 8701 for $ORIGIN:443"
	end "$!"
}

# A process that looks like HandyProxy to netfilter's rules and in /proc.
start_daemon() { # OPTION...
	local daemon=$BATS_TEST_TMPDIR/handyproxy
	ln -sf "$PYTHON" "$daemon"
	# shellcheck disable=SC2016 # for the shell in there
	lab_start router sh -c 'cd "$1" && shift && exec "$@"' sh "$BATS_TEST_TMPDIR" "$daemon" -ISc '
import socket, time
server = socket.create_server(("", 8700))
time.sleep(60)' "$@"
	wait_until 10 in_router grep -q ':21FC 00000000:0000 0A' /proc/net/tcp
}

@test "the upstream is learnt from the HandyProxy that listens" {
	backend=nft
	reset_rules
	start_daemon -local-port 8700 -upstream-proxy 127.0.0.1:8888
	refuses 'nothing listens on port 8888' --to-port 8700
	assert_status 0 output up --to-port 8700 --upstream 10.1.0.2
	output down
	end "$!"
	start_daemon -config x --upstream-proxy=10.1.0.2:0443
	output up --to-port 8700
	assert_status 0 output status
	assert_output_has 'ip daddr 10.1.0.2 tcp dport 443'
	output down
	end "$!"
	printf '%s\n' '# upstream-proxy 1.2.3.4' '  upstream-proxy  localhost:8889 # here' \
	    >"$BATS_TEST_TMPDIR/own.conf"
	start_daemon -config own.conf
	refuses 'nothing listens on port 8889' --source 10.1.0.1 --to-port 8700
	rm "$BATS_TEST_TMPDIR/own.conf"
	assert_status 1 output up --to-port 8700
	assert_output_has 'cannot read the configuration of the HandyProxy on port 8700' --upstream
	end "$!"
	start_daemon
	refuses 'nothing listens on port 3128' --to-port 8700
	end "$!"
}

@test "the upstream is read as the daemon reads it" {
	backend=nft
	reset_rules
	start_daemon -config own.conf -up 10.9.9.8 --upstream=10.9.9.7 -con other.conf
	for line in 'upstream-proxy 10.9.9.9:3129#old' $'\tupstream-proxy\v10.9.9.9:3129\r' \
	    'upstream-proxy 10.9.9.9:3129 # 10.9.9.8'; do
		printf '%s\n' 'upstream-proxy 10.9.9.6' '#upstream-proxy 10.9.9.5' "$line" \
		    'upstream 10.9.9.4' >"$BATS_TEST_TMPDIR/own.conf"
		output up --to-port 8700
		assert_status 0 output status
		assert_output_has 'ip daddr 10.9.9.9 tcp dport 3129'
		output down
	done
	end "$!"
}

@test "all upstreams are learnt, those of routes too" {
	backend=nft
	reset_rules
	start_daemon -config own.conf -route '192.0.2.0/24  10.9.9.4:8080,direct' \
	    '-route=* 10.9.9.5'
	printf '%s\n' 'upstream-proxy http://10.9.9.1:3129/,10.9.9.2,direct # all' \
	    'route 10.0.0.0/8 10.9.9.3' >"$BATS_TEST_TMPDIR/own.conf"
	output up --to-port 8700
	assert_status 0 output status
	for rule in '10.9.9.1 tcp dport 3129' '10.9.9.2 tcp dport 3128' \
	    '10.9.9.4 tcp dport 8080' '10.9.9.5 tcp dport 3128'; do
		assert_output_has "ip daddr $rule"
	done
	[[ $output != *10.9.9.3* ]]
	output down
	end "$!"
	printf '%s\n' 'upstream-proxy direct' 'route  10.0.0.0/8  10.9.9.3 # one' \
	    'route 11.0.0.0/8,x.test 10.9.9.6' >"$BATS_TEST_TMPDIR/own.conf"
	start_daemon -config own.conf
	output up --to-port 8700
	assert_status 0 output status
	for rule in '10.9.9.3 tcp dport 3128' '10.9.9.6 tcp dport 3128'; do
		assert_output_has "ip daddr $rule"
	done
	output down
	end "$!"
}

@test "an upstream name that does not resolve is a warning" {
	backend=nft
	reset_rules
	assert_status 0 output up --upstream no-such-host.invalid
	assert_output_has 'warning: no-such-host.invalid does not resolve'
	assert_status 0 output status
}
