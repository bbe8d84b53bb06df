# SPDX-License-Identifier: MIT
# Tinyproxy with a password; it answers wrong credentials with 401.

load peer

peer_files() {
	in_upstream tee "$peer/tinyproxy.conf" >/dev/null <<-END
		Port 3128
		Listen 10.1.0.2
		ConnectPort 443
		BasicAuth alice sesame
		LogFile "$peer/tinyproxy.log"
		LogLevel Connect
		Timeout 600
		MaxClients 100
	END
	peer_command=(tinyproxy -d -c "$peer/tinyproxy.conf")
	write_credentials alice sesame
}

peer_connects() {
	in_upstream cat "$peer/tinyproxy.log"
}

setup_file() {
	load peer
	peer_up tinyproxy -half-close hold -sniff-timeout 5s -http-relay-ports 80 \
	    -upstream-credentials "$peer/credentials" -pid-file "$peer/pid"
}

teardown_file() {
	peer_down
}

@test "tinyproxy with a password: http and https" {
	plain_http_is_relayed
	[ "$(fetch https://site.test/page)" = 'a page of the site' ]
}

@test "tinyproxy with a password: bodies of a length" {
	plain_bodies_are_relayed
}

@test "tinyproxy with a password: pipelined requests" {
	pipelined_requests_are_answered
}

@test "tinyproxy with a password: fifty at once" {
	fifty_relayed_at_once
}

@test "tinyproxy with a password: a wrong one is said with its file" {
	write_credentials alice wrong
	in_router sh -c "kill -HUP \$(cat '$peer/pid')"
	handyproxy_says 'workers are replaced'
	wait_until 20 eval '! fetch -o /dev/null https://site.test/page'
	handyproxy_says "the upstream refuses the credentials in $peer/credentials .*status=401"
}
