# SPDX-License-Identifier: MIT
# Squid as it is shipped, and wants a user and a password.

load peer

peer_files() {
	squid_files "auth_param basic program $basic_auth $peer/passwords" \
	    'auth_param basic realm proxy' \
	    'acl SSL_ports port 443' \
	    'acl users proxy_auth REQUIRED' \
	    'http_access deny CONNECT !SSL_ports' \
	    'http_access allow users' \
	    'http_access deny all'
	printf 'alice:%s\n' "$(openssl passwd -apr1 'open sesame')" |
	    in_upstream tee "$peer/passwords" >/dev/null
	write_credentials alice 'open sesame'
}

peer_connects() {
	in_upstream cat "$peer/access.log"
}

setup_file() {
	load peer
	peer_needs_users
	basic_auth=$(find /usr/lib/squid /usr/lib64/squid /usr/libexec/squid \
	    -name basic_ncsa_auth 2>/dev/null | head -n 1)
	[ -n "$basic_auth" ] || export PEER_IS_NOT='basic_ncsa_auth is not installed'
	peer_up squid -half-close hold -sniff-timeout 5s -http-relay-ports 80 \
	    -upstream-credentials "$peer/credentials" -pid-file "$peer/pid"
}

teardown_file() {
	peer_down
}

@test "squid with a password: http and https" {
	plain_http_is_relayed
	[ "$(fetch https://site.test/page)" = 'a page of the site' ]
	peer_was_asked 'GET http://site.test/page alice '
	peer_was_asked 'CONNECT site.test:443 alice '
}

@test "squid with a password: the origin does not see it" {
	fetch http://site.test/headers >"$BATS_TEST_TMPDIR/headers"
	grep -qi '^Host: site.test' "$BATS_TEST_TMPDIR/headers"
	[ "$(grep -ci proxy-authorization "$BATS_TEST_TMPDIR/headers")" -eq 0 ]
}

@test "squid with a password: a wrong one is said with its file" {
	write_credentials alice wrong
	in_router sh -c "kill -HUP \$(cat '$peer/pid')"
	handyproxy_says 'workers are replaced'
	wait_until 20 eval '! fetch -o /dev/null https://site.test/page'
	handyproxy_says "status=407 .*offers=\"Basic\""
	handyproxy_says "the upstream refuses the credentials in $peer/credentials"
	run fetch http://site.test/page
	[ "$status" -ne 0 ]
	[ "$(grep -c "$(printf alice:wrong | base64)" "$BATS_FILE_TMPDIR/handyproxy.log")" -eq 0 ]
}
