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
	peer_up privoxy -half-close hold -sniff-timeout 5s \
	    -ready-connections 4 -ready-timeout 30s
}

teardown_file() {
	peer_down
}

@test "privoxy: http and https by name, and its log has the CONNECTs" {
	http_and_https site.test
}

@test "privoxy: much both ways, whole" {
	much_both_ways
}

@test "privoxy: a client may end its stream first" {
	half_close
}

@test "privoxy: fifty at once" {
	fifty_at_once
}

@test "privoxy: ready connections are taken" {
	ready_connections_are_taken
}
