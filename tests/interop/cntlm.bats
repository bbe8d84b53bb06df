# SPDX-License-Identifier: MIT
# cNTLM adds the credentials, because HandyProxy has none.

load peer

peer_files() {
	run_in upstream parent python3 "$HERE/ntlm_proxy.py" 10.1.0.2:3129
	listening upstream 3129
	in_upstream tee "$peer/cntlm.conf" >/dev/null <<-END
		Username alice
		Domain test
		Password secret
		Auth NTLMv2
		Proxy 10.1.0.2:3129
		Listen 10.1.0.2:3128
		NoProxy none.test
	END
	peer_command=(cntlm -f -c "$peer/cntlm.conf")
}

peer_connects() {
	cat "$BATS_FILE_TMPDIR/parent.log"
}

setup_file() {
	load peer
	peer_up cntlm -half-close hold -sniff-timeout 5s
}

teardown_file() {
	peer_down
}

@test "cntlm: http and https by name, with the credentials" {
	http_and_https 'alice: site.test'
}

@test "cntlm: much both ways, whole" {
	much_both_ways
}

@test "cntlm: a client may end its stream first" {
	half_close
}

@test "cntlm: fifty at once" {
	fifty_at_once
}

@test "without cntlm the log says what to do" {
	local pid
	run_in router direct "$PROGRAM" -local-port 8444 -upstream-proxy 10.1.0.2:3129
	pid=$!
	listening router 8444
	in_router "$HERE/../../iptables/prerouting.sh" up --interface lan --to-port 8444
	run fetch http://site.test/
	[ "$status" -ne 0 ]
	wait_until 10 grep -i 'status=407.*cntlm\|cntlm.*status=407' "$BATS_FILE_TMPDIR/direct.log"
	kill "$pid"
}
