# SPDX-License-Identifier: MIT
# The commands and settings that README.md shows for a router and for a single
# host do what it says, as they stand there but for the place of the program:
#
#     client 192.168.1.10 -- 192.168.1.1 (br-lan)   .
#                                                    router -- wan -- 10.1.0.2:3128
#     guest  192.168.2.10 -- 192.168.2.1 (br-guest) '           93.184.216.34

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init
load readme

setup() {
	machine_start
	machine_install sysv
	cable client br-lan 192.168.1
	cable guest br-guest 192.168.2
	internet_up proxy.example.net guests-proxy.example.net
	serve origin python3 -c '
import http.server, ssl, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a page")
server = http.server.HTTPServer(("93.184.216.34", 443), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()' "$BATS_TEST_TMPDIR/certificate" "$BATS_TEST_TMPDIR/key"
	serve proxy python3 "$repository/tests/fixtures/connect_proxy.py" \
	    --listen 10.1.0.2:3128 --log
	wait_until 60 serves 443
	wait_until 60 serves 3128
}

teardown() {
	machine_stop
}

# runs [HOST] < COMMANDS: on the router, or on the host.
runs() {
	[ $# -eq 0 ] || set -- ip netns exec "$1"
	machine env CURL_CA_BUNDLE="$BATS_TEST_TMPDIR/certificate" "$@" sh -es
}

# loads_by_name [HOST]: the last of the router's lines loads the page, through
# the proxy.
loads_by_name() {
	local before

	before=$(grep -c 'CONNECT example.com:443' "$BATS_TEST_TMPDIR/proxy" || :)
	run -0 runs "$@" < <(shown 'On a router' | tail -n 1)
	[[ $output == *'a page' ]]
	[ "$(grep -c 'CONNECT example.com:443' "$BATS_TEST_TMPDIR/proxy")" \
	    -eq $((before + 1)) ]
}

@test "README: five lines make a router, and a few more a guests' network" {
	shown 'On a router' > "$BATS_TEST_TMPDIR/router"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/router")" -eq 5 ]
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/router") == 'curl https://'* ]]
	head -n 4 "$BATS_TEST_TMPDIR/router" | runs
	loads_by_name client

	shown 'Several networks' > "$BATS_TEST_TMPDIR/networks"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/networks")" -eq 5 ]
	sed -n 2,4p "$BATS_TEST_TMPDIR/networks" |
	    machine tee /etc/handyproxy/guests.conf
	sed -n 5p "$BATS_TEST_TMPDIR/networks" |
	    machine tee /etc/default/handyproxy.guests
	machine /etc/init.d/handyproxy start guests
	loads_by_name guest

	sed -n 1p "$BATS_TEST_TMPDIR/networks" | machine tee /etc/default/handyproxy
	machine /etc/init.d/handyproxy reload handyproxy
	loads_by_name client
}

@test "README: a line redirects a single host's connections" {
	shown 'On a router' | sed -n 1,2p | runs
	shown 'On a single host' | machine tee /etc/default/handyproxy
	[ "$(machine cat /etc/default/handyproxy | wc -l)" -eq 1 ]
	machine_has_users || skip 'a user namespace made without help has one user only'
	machine /etc/init.d/handyproxy start
	loads_by_name
}

@test "README: the settings that it shows are right" {
	machine_has_users || skip 'a user namespace made without help has one user only'
	machine grep -q ^handyproxy: /etc/passwd ||
	    machine "$prefix/libexec/handyproxy/add-user"
	shown 'The proxy wants a password' | sed -n 1,4p | runs
	{
		shown 'The proxy refuses CONNECT to port 80'
		shown 'There are two proxies'
		shown 'Some destinations go direct'
	} | machine tee -a /etc/handyproxy/handyproxy.conf
	[ "$(machine grep -c '^[hurs].*-.* ' /etc/handyproxy/handyproxy.conf)" -gt 4 ]
	run -0 machine "$prefix/sbin/handyproxy" -check \
	    -config /etc/handyproxy/handyproxy.conf
	[[ $output == 'configuration ok' ]]
	run -0 machine "$prefix/sbin/handyproxy" -print upstream-credentials \
	    -config /etc/handyproxy/handyproxy.conf
	[[ $output == /etc/handyproxy/credentials ]]
}
