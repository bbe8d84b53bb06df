# SPDX-License-Identifier: MIT
# apache passes a client's end of stream on, so forward works as well as hold.

load peer

peer_files() {
	local modules=/usr/lib/apache2/modules
	in_upstream tee "$peer/apache.conf" >/dev/null <<-END
		LoadModule mpm_event_module $modules/mod_mpm_event.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule proxy_module $modules/mod_proxy.so
		LoadModule proxy_connect_module $modules/mod_proxy_connect.so
		ServerName proxy.test
		ServerRoot $peer
		DefaultRuntimeDir $peer
		PidFile $peer/apache.pid
		Listen 10.1.0.2:3128
		ErrorLog $peer/error.log
		CustomLog $peer/access.log "%r %>s"
		User #65534
		Group #65534
		ProxyRequests On
		AllowCONNECT 80 443
	END
	peer_command=(apache2 -f "$peer/apache.conf" -D FOREGROUND)
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	peer_up apache2 -half-close forward \
	    -ready-connections 4 -ready-timeout 30s
}

teardown_file() {
	peer_down
}

@test "apache: http and https by address" {
	http_and_https "$ORIGIN"
}

@test "apache: much both ways, whole" {
	much_both_ways
}

@test "apache: a client may end its stream first, without hold" {
	half_close
}

@test "apache: fifty at once" {
	fifty_at_once
}

@test "apache: a port that it refuses is a reset, and the log says why" {
	run fetch "http://$ORIGIN:22/"
	[ "$status" -ne 0 ]
	handyproxy_says "refused the tunnel.*destination=$ORIGIN:22.*status=403"
}

@test "apache: ready connections are taken" {
	ready_connections_are_taken
}
