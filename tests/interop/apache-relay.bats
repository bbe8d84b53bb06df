# SPDX-License-Identifier: MIT
# apache as its manual has it: CONNECT to port 443 alone.

load peer

peer_files() {
	local modules=/usr/lib/apache2/modules
	in_upstream tee "$peer/apache.conf" >/dev/null <<-END
		LoadModule mpm_event_module $modules/mod_mpm_event.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule proxy_module $modules/mod_proxy.so
		LoadModule proxy_http_module $modules/mod_proxy_http.so
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
		AllowCONNECT 443
	END
	peer_command=(apache2 -f "$peer/apache.conf" -D FOREGROUND)
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	peer_up apache2 -sniff-timeout 5s -http-relay-ports 80
}

teardown_file() {
	peer_down
}

@test "apache: plain HTTP is relayed" {
	plain_http_is_relayed
	peer_was_asked 'GET http://site.test/page HTTP/1.1 200'
}

@test "apache: bodies of a length are relayed" {
	plain_bodies_are_relayed
}

@test "apache: bodies in chunks are relayed" {
	plain_chunks_are_relayed
}

@test "apache: pipelined requests are relayed" {
	pipelined_requests_are_answered
}

@test "apache: fifty are relayed at once" {
	fifty_relayed_at_once
}

@test "apache: apt-get, which may pipeline ten requests" {
	apt_gets_twelve_packages
}
