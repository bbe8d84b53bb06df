# SPDX-License-Identifier: MIT
# A client that has nothing but IPv6, behind a squid that has nothing but IPv4:
# by name it is served.

load peer

ORIGIN6=2606:2800::34

peer_files() {
	squid_files 'http_access allow all'
	in_upstream sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	in_client ip -4 address flush dev eth0
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	peer_up squid -local-address :: -half-close hold -sniff-timeout 5s
	[ -n "$PEER_IS_NOT" ] ||
	    in_router "$HERE/../../iptables/prerouting.sh" up --interface lan --ipv6
}

teardown_file() {
	peer_down
}

# As a client whose name server knows only the IPv6 address.
fetch_by_ipv6() { # CURL-ARGUMENT...
	fetch --resolve "site.test:80:[$ORIGIN6]" --resolve "site.test:443:[$ORIGIN6]" "$@"
}

@test "squid without IPv6: a client with nothing but IPv6 browses by name" {
	# Squid logs a tunnel when it ends.
	[ "$(fetch_by_ipv6 -H 'Connection: close' http://site.test/page)" = 'a page of the site' ]
	[ "$(fetch_by_ipv6 https://site.test/page)" = 'a page of the site' ]
	wait_until 60 peer_was_asked 'CONNECT site.test:80 '
	wait_until 60 peer_was_asked 'CONNECT site.test:443 '
	handyproxy_says "client=\[fd01::10\]:.* destination=\[$ORIGIN6\]:443 host=site.test"
}
