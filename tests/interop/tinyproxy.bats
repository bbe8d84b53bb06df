# SPDX-License-Identifier: MIT
load peer

peer_files() {
	in_upstream tee "$peer/tinyproxy.conf" >/dev/null <<-END
		Port 3128
		Listen 10.1.0.2
		ConnectPort 443
		ConnectPort 80
		LogFile "$peer/tinyproxy.log"
		LogLevel Connect
		Timeout 600
		MaxClients 100
	END
	peer_command=(tinyproxy -d -c "$peer/tinyproxy.conf")
}

peer_connects() {
	in_upstream grep CONNECT "$peer/tinyproxy.log"
}

setup_file() {
	load peer
	peer_up tinyproxy -half-close hold -sniff-timeout 5s \
	    -ready-connections 4 -ready-timeout 30s
}

teardown_file() {
	peer_down
}

@test "tinyproxy: http and https by name, and its log has the CONNECTs" {
	http_and_https site.test
}

@test "tinyproxy: much both ways, whole" {
	much_both_ways
}

@test "tinyproxy: a client may end its stream first" {
	half_close
}

@test "tinyproxy: fifty at once" {
	fifty_at_once
}

@test "tinyproxy: a port that it refuses is a reset, and the log says why" {
	run fetch "http://$ORIGIN:22/"
	[ "$status" -ne 0 ]
	handyproxy_says "refused the tunnel.*destination=$ORIGIN:22.*status=403"
}

@test "tinyproxy: ready connections are taken" {
	ready_connections_are_taken
}
