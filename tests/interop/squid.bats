# SPDX-License-Identifier: MIT
# Stock squid allows CONNECT to port 443 only. Safe_ports and SSL_ports with
# port 80 are the lines that README.md names.

load peer

peer_files() {
	squid_files 'acl SSL_ports port 443' \
	    'acl SSL_ports port 80' \
	    'acl CONNECT method CONNECT' \
	    'http_access deny CONNECT !SSL_ports' \
	    'http_access allow all'
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	peer_up squid -half-close hold -sniff-timeout 5s \
	    -ready-connections 4 -ready-timeout 30s
}

teardown_file() {
	peer_down
}

@test "squid: http and https by name, and its log has the CONNECTs" {
	http_and_https site.test
	peer_was_asked 'TCP_TUNNEL/200 .* CONNECT site.test:80 '
	peer_was_asked 'TCP_TUNNEL/200 .* CONNECT site.test:443 '
}

@test "squid: much both ways, whole" {
	much_both_ways
}

@test "squid: a client may end its stream first" {
	half_close
}

@test "squid: fifty at once" {
	fifty_at_once
}

@test "squid: a port that it refuses is a reset, and the log says why" {
	run fetch "http://$ORIGIN:22/"
	[ "$status" -ne 0 ]
	handyproxy_says "refused the tunnel.*destination=$ORIGIN:22.*status=403 reason=\"Forbidden\""
}

@test "squid: ready connections are taken" {
	ready_connections_are_taken
}
