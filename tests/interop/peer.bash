# SPDX-License-Identifier: MIT
# peer.bash - a real proxy upstream, HandyProxy and the rules on the router, and
# clients that are configured for neither. Each bats file defines its proxy.
# peer_files writes the proxy's configuration into $peer, peer_command prints
# the command that runs it in the foreground, and peer_connects prints the
# CONNECTs in its log. If the proxy cannot be run, each test is skipped.

load ../system/lab

HERE=$BATS_TEST_DIRNAME
PROGRAM=${HANDYPROXY:-$HERE/../../build/gcc/handyproxy}
ORIGIN=93.184.216.34
# On the lab's own tmpfs, where the proxy's user may write.
peer=/run/peer
export peer

setup() {
	[ -z "$PEER_IS_NOT" ] || skip "$PEER_IS_NOT"
}

teardown() {
	peer_explain
}

# What a failed test leaves, for its output.
peer_explain() {
	[ -n "${BATS_TEST_COMPLETED-}" ] ||
	    tail -qn 8 "$BATS_FILE_TMPDIR"/*.log | cut -c -200
}

# peer_needs_users: for a proxy that refuses to run as root.
peer_needs_users() {
	lab_has_users || export PEER_IS_NOT='this user namespace has no user but root'
}

# peer_up PROGRAM [HANDYPROXY-OPTION]...
peer_up() {
	local program
	for program in "$1" openssl curl; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null ||
		    PEER_IS_NOT="$program is not installed"
	done
	export PEER_IS_NOT=${PEER_IS_NOT-}
	[ -z "$PEER_IS_NOT" ] || return 0
	lab_up
	in_router install -d -m 1777 "$peer"
	printf '127.0.0.1 localhost\n%s site.test\n' "$ORIGIN" >"$BATS_FILE_TMPDIR/hosts"
	in_router mount --bind "$BATS_FILE_TMPDIR/hosts" /etc/hosts
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=site.test \
	    -addext subjectAltName=DNS:site.test -days 2 2>/dev/null \
	    -keyout "$BATS_FILE_TMPDIR/site.pem" -out "$BATS_FILE_TMPDIR/site.crt"
	cat "$BATS_FILE_TMPDIR/site.crt" >>"$BATS_FILE_TMPDIR/site.pem"
	run_in upstream site80 env SITE_FILES="$BATS_FILE_TMPDIR/files" \
	    python3 "$HERE/site.py" "$ORIGIN" 80
	run_in upstream site443 python3 "$HERE/site.py" "$ORIGIN" 443 \
	    "$BATS_FILE_TMPDIR/site.pem"
	listening upstream 80
	listening upstream 443
	peer_files
	run_in upstream proxy "${peer_command[@]}"
	listening upstream 3128
	run_in router handyproxy "$PROGRAM" -upstream-proxy 10.1.0.2 \
	    -log-level info "${@:2}"
	listening router 8443
	in_router "$HERE/../../iptables/prerouting.sh" up --interface lan \
	    --ports 22,80,443
}

# squid_files LINE...: for peer_files. Squid's configuration has these lines about
# who may do what.
squid_files() {
	in_upstream tee "$peer/squid.conf" >/dev/null <<-END
		http_port 10.1.0.2:3128
		$(printf '%s\n' "$@")
		access_log stdio:$peer/access.log
		cache_log $peer/cache.log
		cache deny all
		pid_filename none
		coredump_dir $peer
		shutdown_lifetime 0 seconds
	END
	peer_command=(squid -N -f "$peer/squid.conf")
}

peer_down() {
	lab_down
}

# run_in HOST NAME COMMAND...: in the background, with its output in a file.
run_in() {
	lab_start "$1" "${@:3}" >"$BATS_FILE_TMPDIR/$2.log" 2>&1
}

listening() { # HOST PORT
	wait_until 20 listens "$@" || {
		tail -n 30 "$BATS_FILE_TMPDIR"/*.log
		return 1
	}
}

listens() { # HOST PORT
	lab_in "$1" ss -Hltn "sport = $2" | grep -q .
}

fetch() { # CURL-ARGUMENT...
	in_client curl -sS --max-time 300 --cacert "$BATS_FILE_TMPDIR/site.crt" "$@"
}

handyproxy_says() { # PATTERN
	wait_until 10 grep -q "$1" "$BATS_FILE_TMPDIR/handyproxy.log" || {
		grep -v ' info ' "$BATS_FILE_TMPDIR/handyproxy.log"
		return 1
	}
}

# --- what holds for each proxy

http_and_https() {
	# Some proxies log a tunnel only when it ends.
	[ "$(fetch -H 'Connection: close' http://site.test/page)" = 'a page of the site' ]
	[ "$(fetch https://site.test/page)" = 'a page of the site' ]
	wait_until 10 peer_was_asked "$1:80"
	wait_until 10 peer_was_asked "$1:443"
}

peer_was_asked() { # PATTERN
	peer_connects | grep -q "$1"
}

much_both_ways() {
	local bytes=20000003 sent=$BATS_TEST_TMPDIR/sent
	head -c "$bytes" /dev/urandom >"$sent"
	[ "$(fetch -T "$sent" https://site.test/)" = "$(sha256sum <"$sent" | cut -d ' ' -f 1)" ]
	[ "$(fetch "http://site.test/bytes/$bytes" | sha256sum)" = \
	    "$(yes 0123456789abcdef | tr -d '\n' | head -c "$bytes" | sha256sum)" ]
}

# The client ends its stream after its request.
half_close() {
	local bytes=8000000
	in_client python3 -c "if True:
		import socket
		with socket.create_connection(('$ORIGIN', 80), 300) as s:
			s.sendall(b'GET /bytes/$bytes HTTP/1.0\r\n\r\n')
			s.shutdown(socket.SHUT_WR)
			count = 0
			while data := s.recv(65536):
				count += len(data)
		assert count > $bytes, count"
}

# A client takes one: then the line at its end has no duration of a dial.
ready_connections_are_taken() {
	local before
	before=$(log_lines)
	fetch -o /dev/null https://site.test/page https://site.test/page
	fetch -o /dev/null https://site.test/page
	wait_until 10 eval "tail -n +$((before + 1)) '$BATS_FILE_TMPDIR/handyproxy.log' |
	    grep 'connection closed .* answer=.*result=done' | grep -qv ' connect='"
}

fifty_at_once() {
	local job jobs=()
	for _ in {1..50}; do
		fetch -o /dev/null --fail https://site.test/bytes/100000 3>&- &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job"
	done
}

# --- plain HTTP on -http-relay-ports 80

relayed_since() { # LINES PATTERN
	wait_until 10 eval "tail -n +$(($1 + 1)) '$BATS_FILE_TMPDIR/handyproxy.log' |
	    grep -q 'connection closed .*:80 .*mode=relay.*$2'" || {
		tail -n 20 "$BATS_FILE_TMPDIR/handyproxy.log"
		return 1
	}
}

log_lines() {
	wc -l <"$BATS_FILE_TMPDIR/handyproxy.log"
}

plain_http_is_relayed() {
	local before status
	before=$(log_lines)
	[ "$(fetch http://site.test/page)" = 'a page of the site' ]
	relayed_since "$before" 'status=200'
	[ "$(fetch --http1.0 http://site.test/page)" = 'a page of the site' ]
	[ "$(fetch --http2 http://site.test/page)" = 'a page of the site' ]
	[ "$(fetch "http://$ORIGIN/page")" = 'a page of the site' ]
	[ "$(fetch http://site.test/hints)" = 'a page of the site' ]
	fetch --fail -I http://site.test/page | grep -qi '^Content-Length: 19'
	for status in 204 304; do
		before=$(log_lines)
		[ "$(fetch -o /dev/null -w '%{http_code}' "http://site.test/status/$status")" = "$status" ]
		relayed_since "$before" "status=$status"
	done
	[ "$(in_client wget -q -O - http://site.test/page)" = 'a page of the site' ]
	[ "$(peer_connects | grep -c 'CONNECT .*:80')" -eq 0 ]
}

plain_bodies_are_relayed() {
	local bytes=20000003 sent=$BATS_TEST_TMPDIR/sent sum
	head -c "$bytes" /dev/urandom >"$sent"
	sum=$(sha256sum <"$sent" | cut -d ' ' -f 1)
	[ "$(fetch -T "$sent" http://site.test/)" = "$sum" ]
	[ "$(fetch -T "$sent" -H 'Expect:' http://site.test/)" = "$sum" ]
	[ "$(fetch "http://site.test/bytes/$bytes" | sha256sum)" = \
	    "$(yes 0123456789abcdef | tr -d '\n' | head -c "$bytes" | sha256sum)" ]
}

plain_chunks_are_relayed() {
	local sent=$BATS_TEST_TMPDIR/sent
	head -c 3000003 /dev/urandom >"$sent"
	[ "$(fetch -T - http://site.test/ <"$sent")" = "$(sha256sum <"$sent" | cut -d ' ' -f 1)" ]
}

# The client sends ten requests at once, and repeats those without an answer.
pipelined_requests_are_answered() {
	in_client python3 -c "if True:
		import socket
		request = b'GET /page HTTP/1.1\r\nHost: site.test\r\n\r\n'
		for _ in range(10):
			with socket.create_connection(('$ORIGIN', 80), 300) as s:
				s.sendall(request * 10)
				data = b''
				while more := s.recv(65536):
					data += more
			assert data.count(b'a page of the site') == 1, data"
}

fifty_relayed_at_once() {
	local job jobs=()
	for _ in {1..50}; do
		fetch -o /dev/null --fail http://site.test/bytes/100000 3>&- &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job"
	done
}

# Twelve packages in a repository without signatures, in files/ of the origin.
make_packages() {
	local files=$BATS_FILE_TMPDIR/files tree=$BATS_TEST_TMPDIR/tree number deb
	mkdir -p "$files" "$tree/DEBIAN" "$tree/usr/share"
	for number in {1..12}; do
		printf '%s\n' "Package: package$number" 'Version: 1' 'Architecture: all' \
		    'Maintainer: nobody <nobody@site.test>' 'Description: a test' \
		    >"$tree/DEBIAN/control"
		head -c $((number * 20000)) /dev/urandom >"$tree/usr/share/content"
		deb=package$number.deb
		dpkg-deb --root-owner-group -b "$tree" "$files/$deb" >/dev/null
		cat "$tree/DEBIAN/control"
		printf '%s\n' "Filename: ./$deb" "Size: $(stat -c %s "$files/$deb")" \
		    "SHA256: $(sha256sum <"$files/$deb" | cut -d ' ' -f 1)" ''
	done >"$files/Packages"
}

# apt_get COMMAND...: with folders of its own, and none of this host's settings.
apt_get() {
	local apt=$BATS_TEST_TMPDIR/apt
	mkdir -p "$apt/etc" "$apt/state/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/status"
	echo "deb [trusted=yes] http://site.test/files ./" >"$apt/etc/sources.list"
	printf '%s\n' "Dir::Etc \"$apt/etc\";" 'Acquire::http::Proxy "DIRECT";' \
	    'Acquire::http::Pipeline-Depth "10";' 'APT::Sandbox::User "root";' \
	    "Dir::State \"$apt/state\";" "Dir::State::status \"$apt/status\";" \
	    "Dir::Cache \"$apt/cache\";" 'Acquire::Retries "0";' \
	    'Acquire::Languages "none";' >"$apt/conf"
	in_client env APT_CONFIG="$apt/conf" apt-get "$@"
}

apt_gets_twelve_packages() {
	local number archives=$BATS_TEST_TMPDIR/apt/cache/archives
	command -v apt-get >/dev/null || skip 'apt-get is not installed'
	make_packages
	apt_get -q update
	apt_get -q -y --download-only install package{1..12}
	for number in {1..12}; do
		cmp "$archives/package${number}_1_all.deb" \
		    "$BATS_FILE_TMPDIR/files/package$number.deb"
	done
	[ "$(peer_connects | grep -c 'CONNECT .*:80')" -eq 0 ]
}

# write_credentials USER PASSWORD: for the daemon's user to read again.
write_credentials() {
	in_router install -m 600 /dev/null "$peer/credentials"
	! lab_has_users || in_router chown nobody "$peer/credentials"
	printf '%s\n' "$@" | in_router tee "$peer/credentials" >/dev/null
}
