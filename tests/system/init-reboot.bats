# SPDX-License-Identifier: MIT
# A router with two subnets of clients, each on an instance with an upstream
# proxy of its own, that is shut down and booted again:
#
#     homes  192.168.1.10 -- 192.168.1.1 (lan0) .                 10.1.0.2:3128
#                                                router -- wan0 --          :3129
#     guests 192.168.2.10 -- 192.168.2.1 (lan1) '                 93.184.216.34

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

setup() {
	machine_start
	machine_install sysv
	machine sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
	cable homes lan0 192.168.1
	cable guests lan1 192.168.2
	cable internet wan0 10.1.0
	machine ip -n internet address add 93.184.216.34/32 dev lo
	machine ip -n internet address add 10.1.0.2/24 dev eth0
	machine ip route replace default via 10.1.0.2
	serve origin python3 -c '
import socketserver
class Page(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\na page")
socketserver.ThreadingTCPServer(("93.184.216.34", 80), Page).serve_forever()'
	for port in 3128 3129; do
		serve "$port" python3 \
		    "$repository/tests/fixtures/connect_proxy.py" \
		    --listen "10.1.0.2:$port" --log
	done
	for port in 80 3128 3129; do
		wait_until 60 serves "$port"
	done

	settings handyproxy 8443 3128 192.168.1.0/24
	settings guests 8444 3129 192.168.2.0/24
}

teardown() {
	machine_stop
}

# settings NAME PORT UPSTREAM-PORT CLIENTS
settings() {
	local defaults=/etc/default/handyproxy

	[ "$1" = handyproxy ] || defaults+=.$1
	configure "$1" "$2" "upstream-proxy 10.1.0.2:$3"
	machine tee "$defaults" > /dev/null <<< "RULES='prerouting --source $4'"
}

fetch() {
	machine ip netns exec "$1" python3 -c '
import urllib.request
print(urllib.request.urlopen("http://93.184.216.34/", timeout=10).read())'
}

connects() {
	grep -c 'CONNECT 93.184.216.34:80' "$BATS_TEST_TMPDIR/$1" || :
}

all_works() {
	local homes guests

	homes=$(connects 3128)
	guests=$(connects 3129)
	run -0 fetch homes
	[[ $output == *"a page"* ]]
	[ "$(connects 3128)" -eq $((homes + 1)) ]
	[ "$(connects 3129)" -eq "$guests" ]
	run -0 fetch guests
	[[ $output == *"a page"* ]]
	[ "$(connects 3128)" -eq $((homes + 1)) ]
	[ "$(connects 3129)" -eq $((guests + 1)) ]
}

# The kernel's rules, without counters and empty tables.
kernel_rules() {
	machine sh -c 'iptables-save; nft list ruleset' 2> /dev/null |
	    grep -i handyproxy || :
}

@test "reboot: a router with two subnets and two instances comes up again" {
	machine /etc/init.d/handyproxy start
	all_works
	[ -n "$(kernel_rules)" ]

	machine /etc/init.d/handyproxy stop
	[ -z "$(kernel_rules)" ]
	is_free 8443
	is_free 8444
	run ! machine pgrep handyproxy
	machine rm -r /run/handyproxy

	machine /etc/init.d/handyproxy start
	all_works
}

@test "reboot: the same after a power cut, with /run unchanged" {
	machine /etc/init.d/handyproxy start
	all_works
	machine pkill -KILL handyproxy
	machine sh -c '! command -v iptables-restore || {
		printf "*nat\nCOMMIT\n" | iptables-restore; }'
	machine nft flush ruleset
	wait_until 60 is_free 8443
	wait_until 60 is_free 8444

	machine /etc/init.d/handyproxy start
	all_works
	run -0 machine /etc/init.d/handyproxy status
	machine /etc/init.d/handyproxy stop
	[ -z "$(kernel_rules)" ]
}

@test "reboot: an instance alone keeps its clients when the other is stopped" {
	machine /etc/init.d/handyproxy start
	machine /etc/init.d/handyproxy stop guests
	run -0 fetch homes
	machine /etc/init.d/handyproxy restart handyproxy
	run -0 fetch homes
	machine /etc/init.d/handyproxy start guests
	all_works
}
