# SPDX-License-Identifier: MIT
# README's recipes for what a proxy refuses, as they stand there, on a router with
# the init script. Squid has Debian's configuration; what an administrator adds is
# in conf.d.
#
#     client 192.168.1.10 -- 192.168.1.1 (br-lan) router -- wan -- 10.1.0.2:3128
#                                                                   93.184.216.34

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load ../system/init
load ../system/readme

setup() {
	machine_start
	machine_has_users || skip 'a user namespace made without help has one user only'
	machine_install sysv
	machine grep -q ^handyproxy: /etc/passwd ||
	    machine "$prefix/libexec/handyproxy/add-user"
	cable client br-lan 192.168.1
	internet_up proxy.example.net
	cat "$BATS_TEST_TMPDIR/certificate" >> "$BATS_TEST_TMPDIR/key"
	serve origin80 python3 "$repository/tests/interop/site.py" 93.184.216.34 80
	serve origin443 python3 "$repository/tests/interop/site.py" 93.184.216.34 443 \
	    "$BATS_TEST_TMPDIR/key"
	wait_until 60 serves 80
	wait_until 60 serves 443
}

teardown() {
	machine_stop
}

# router_up [LINE...]: the recipe for a router, with these lines of configuration.
router_up() {
	shown 'On a router' | head -n 3 | machine sh -es
	printf '%s\n' 'log-to /run/test/handyproxy.log' "$@" |
	    machine tee -a /etc/handyproxy/handyproxy.conf > /dev/null
	shown 'On a router' | sed -n 4p | machine sh -es
}

reloaded() {
	local before
	before=$(log_count 'workers are replaced')
	machine /etc/init.d/handyproxy reload
	wait_until 30 eval "[ \"\$(log_count 'workers are replaced')\" -gt $before ]"
}

log_count() {
	machine grep -c "$1" /run/test/handyproxy.log || :
}

log_says() {
	wait_until 10 machine grep -q "$1" /run/test/handyproxy.log || {
		machine cat /run/test/handyproxy.log
		return 1
	}
}

fetch() {
	machine ip netns exec client curl -sS --max-time 300 \
	    --cacert "$BATS_TEST_TMPDIR/certificate" "$@"
}

# squid_up [LINE...]: as Debian ships it, with these lines in conf.d.
squid_up() {
	local folder
	[ -d /etc/squid/conf.d ] || skip "no squid with Debian's configuration is installed"
	printf '%s\n' "$@" | machine tee /etc/squid/conf.d/local.conf > /dev/null
	for folder in /var/log/squid /var/spool/squid; do
		machine mount -t tmpfs -o mode=777 tmpfs "$folder"
	done
	serve squid squid -N
	wait_until 60 serves 3128
}

# A process of its own writes squid's log.
asked_of_squid() {
	wait_until 30 machine grep -q "$1" /var/log/squid/access.log
}

@test "README: a stock squid refuses CONNECT to port 80, and a line is enough" {
	squid_up 'http_access allow localnet'
	router_up
	run -0 fetch https://example.com/page
	[[ $output == 'a page of the site' ]]
	run ! fetch http://example.com/page
	log_says 'example.com.*status=403\|status=403.*example.com'
	log_says 'see -http-relay-ports'
	shown 'The proxy refuses CONNECT to port 80' |
	    machine tee -a /etc/handyproxy/handyproxy.conf > /dev/null
	reloaded
	run -0 fetch http://example.com/page
	[[ $output == 'a page of the site' ]]
	asked_of_squid 'TCP_MISS/200 .* GET http://example.com/page '
}

@test "README: a squid that wants a password needs one more file" {
	local helper
	helper=$(find /usr/lib/squid -name basic_ncsa_auth 2> /dev/null)
	[ -n "$helper" ] || skip 'basic_ncsa_auth is not installed'
	printf 'alice:%s\n' "$(openssl passwd -apr1 'open sesame')" |
	    machine tee /etc/squid/passwords > /dev/null
	squid_up "auth_param basic program $helper /etc/squid/passwords" \
	    'acl users proxy_auth REQUIRED' 'http_access allow users'
	router_up 'http-relay-ports 80'
	run ! fetch http://example.com/page
	run ! fetch https://example.com/page
	log_says 'status=407 .*offers="Basic"'
	log_says 'see -upstream-credentials'
	shown 'The proxy wants a password' | sed -n 1,4p | machine sh -es
	reloaded
	run -0 fetch http://example.com/page
	[[ $output == 'a page of the site' ]]
	run -0 fetch https://example.com/page
	[[ $output == 'a page of the site' ]]
	asked_of_squid 'TCP_MISS/200 .* GET http://example.com/page alice '
	asked_of_squid 'TCP_TUNNEL/200 .* CONNECT example.com:443 alice '
}

@test "README: cNTLM stands between HandyProxy and a proxy that wants NTLM" {
	command -v cntlm > /dev/null || skip 'cntlm is not installed'
	serve parent python3 "$repository/tests/interop/ntlm_proxy.py" 10.1.0.2:3128
	wait_until 60 serves 3128
	router_up
	run ! fetch https://example.com/page
	log_says 'such as cNTLM.*status=407 .*offers="NTLM"'
	shown 'The proxy wants a password' | sed 1,4d |
	    machine tee /etc/cntlm.conf > /dev/null
	machine cntlm -f > "$BATS_TEST_TMPDIR/cntlm" 2>&1 3>&- &
	wait_until 60 listens 3128
	machine sed -i 's/^upstream-proxy.*/upstream-proxy localhost:3128/' \
	    /etc/handyproxy/handyproxy.conf
	reloaded
	run -0 fetch https://example.com/page
	[[ $output == 'a page of the site' ]]
	grep -q 'alice: example.com:443' "$BATS_TEST_TMPDIR/parent"
}
