# SPDX-License-Identifier: MIT
# Traffic Server as a forward proxy, with its own rules: CONNECT to port 443 alone.

load peer

peer_files() {
	in_upstream tee "$peer/runroot.yaml" >/dev/null <<-END
		prefix: $peer
		exec_prefix: /usr
		bindir: /usr/bin
		sbindir: /usr/bin
		sysconfdir: $peer
		datadir: $peer
		includedir: $peer
		libdir: /usr/lib
		libexecdir: $peer
		localstatedir: $peer
		runtimedir: $peer
		logdir: $peer
		cachedir: $peer
	END
	in_upstream tee "$peer/records.config" >/dev/null <<-END
		CONFIG proxy.config.http.server_ports STRING 3128:ip-in=10.1.0.2
		CONFIG proxy.config.admin.user_id STRING nobody
		CONFIG proxy.config.url_remap.remap_required INT 0
		CONFIG proxy.config.reverse_proxy.enabled INT 0
		CONFIG proxy.config.hostdb.host_file.path STRING /etc/hosts
		CONFIG proxy.config.dns.lookup_timeout INT 1
		CONFIG proxy.config.dns.retries INT 0
		CONFIG proxy.config.http.cache.http INT 0
		CONFIG proxy.config.exec_thread.autoconfig INT 0
		CONFIG proxy.config.exec_thread.limit INT 1
		CONFIG proxy.config.log.max_secs_per_buffer INT 1
		CONFIG proxy.config.crash_log_helper STRING NULL
	END
	in_upstream tee "$peer/logging.yaml" >/dev/null <<-END
		logging:
		  formats:
		    - name: access
		      format: '%<cqtx> %<pssc>'
		  logs:
		    - filename: access
		      format: access
	END
	# The rules that it is shipped with; without a file it lets nobody in.
	in_upstream cp /etc/trafficserver/ip_allow.yaml "$peer"
	in_upstream touch "$peer/storage.config"
	in_upstream chown -R nobody "$peer"
	peer_command=(traffic_server "--run-root=$peer")
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	peer_up traffic_server -sniff-timeout 5s -http-relay-ports 80
	# It reads /etc/hosts a while after it listens.
	[ -n "$PEER_IS_NOT" ] ||
	    wait_until 60 in_router curl -fs -o /dev/null -x 10.1.0.2:3128 http://site.test/page
}

teardown_file() {
	peer_down
}

@test "trafficserver: plain HTTP is relayed" {
	plain_http_is_relayed
	wait_until 10 peer_was_asked 'GET http://site.test/page HTTP/1.1 200'
}

@test "trafficserver: https by CONNECT" {
	[ "$(fetch https://site.test/page)" = 'a page of the site' ]
	wait_until 10 peer_was_asked 'CONNECT site.test:443.* 200'
}

@test "trafficserver: bodies of a length are relayed" {
	plain_bodies_are_relayed
}

@test "trafficserver: bodies in chunks are relayed" {
	plain_chunks_are_relayed
}

@test "trafficserver: pipelined requests are relayed" {
	pipelined_requests_are_answered
}

@test "trafficserver: fifty are relayed at once" {
	fifty_relayed_at_once
}

@test "trafficserver: apt-get, which may pipeline ten requests" {
	apt_gets_twelve_packages
}

@test "trafficserver: a websocket asks for a tunnel, and the log names the option" {
	run fetch -H 'Connection: Upgrade' -H 'Upgrade: websocket' http://site.test/page
	[ "$status" -ne 0 ]
	wait_until 10 peer_was_asked 'CONNECT site.test:80.* 403'
	handyproxy_says 'refused the tunnel.*:80 .*status=403'
}
