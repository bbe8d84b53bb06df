# SPDX-License-Identifier: MIT
load peer

peer_files() {
	in_upstream tee "$peer/privoxy.conf" >/dev/null <<-END
		listen-address 10.1.0.2:3128
		debug 1
		toggle 0
	END
	peer_command=(privoxy --no-daemon "$peer/privoxy.conf")
}

peer_connects() {
	cat "$BATS_FILE_TMPDIR/proxy.log"
}

setup_file() {
	load peer
	peer_up privoxy -half-close hold -sniff-timeout 5s -http-relay-ports 80
}

teardown_file() {
	peer_down
}

@test "privoxy: plain HTTP is relayed" {
	plain_http_is_relayed
}

@test "privoxy: bodies of a length are relayed" {
	plain_bodies_are_relayed
}

@test "privoxy: pipelined requests are relayed" {
	pipelined_requests_are_answered
}

@test "privoxy: fifty are relayed at once" {
	fifty_relayed_at_once
}

@test "privoxy: apt-get, which may pipeline ten requests" {
	apt_gets_twelve_packages
}

@test "privoxy: a websocket gets its CONNECT" {
	in_client python3 "$HERE/websocket.py" "$ORIGIN" site.test
	peer_was_asked 'Request: site.test:80/'
}
