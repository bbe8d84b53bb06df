# SPDX-License-Identifier: MIT
# Squid as it is shipped: CONNECT to port 443 alone.

load peer

peer_files() {
	squid_files 'acl SSL_ports port 443' \
	    'acl Safe_ports port 80' \
	    'acl Safe_ports port 443' \
	    'http_access deny !Safe_ports' \
	    'http_access deny CONNECT !SSL_ports' \
	    'http_access allow all'
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	peer_up squid -half-close hold -sniff-timeout 5s -http-relay-ports 80
}

teardown_file() {
	peer_down
}

@test "squid as it is shipped: plain HTTP needs no CONNECT" {
	plain_http_is_relayed
	peer_was_asked 'GET http://site.test/page '
}

@test "squid as it is shipped: https by CONNECT" {
	[ "$(fetch https://site.test/page)" = 'a page of the site' ]
	peer_was_asked 'TCP_TUNNEL/200 .* CONNECT site.test:443 '
}

@test "squid as it is shipped: bodies of a length" {
	plain_bodies_are_relayed
}

@test "squid as it is shipped: bodies in chunks" {
	plain_chunks_are_relayed
}

@test "squid as it is shipped: pipelined requests" {
	pipelined_requests_are_answered
}

@test "squid as it is shipped: fifty at once" {
	fifty_relayed_at_once
}

squid_served_twelve() {
	[ "$(peer_connects | grep -c '/200 .* GET http://site.test/files/.*package.*deb ')" -ge 12 ]
}

@test "squid as it is shipped: apt-get, which may pipeline ten requests" {
	apt_gets_twelve_packages
	wait_until 30 squid_served_twelve
}

@test "squid as it is shipped: a websocket asks for a tunnel, and the log names the option" {
	run fetch -H 'Connection: Upgrade' -H 'Upgrade: websocket' http://site.test/page
	[ "$status" -ne 0 ]
	peer_was_asked 'TCP_DENIED/403 .* CONNECT site.test:80 '
	handyproxy_says 'refused the tunnel.*:80 .*status=403'
}
