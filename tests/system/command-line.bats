# SPDX-License-Identifier: MIT
# The command line: what each option accepts and refuses, and how it is written.

load daemon

setup_file() {
	lab_up
}

teardown_file() {
	lab_down
}

teardown() {
	handyproxy_test_end
}

OPTIONS='local-port local-address upstream-proxy upstream-order failover-after
    check-interval route upstream-credentials connect-header
    http-relay-ports http-head-timeout ready-connections ready-timeout
    dial-timeout response-timeout
    sniff-timeout sniff-max-bytes sniff-tls-ports sniff-http-ports half-close
    idle-timeout half-closed-timeout drain-timeout workers max-connections max-per-client user
    group chroot sandbox log-to log-format log-level status-address pid-file config print'
SWITCHES='daemon check top version help'

# -check, so that a value accepted by mistake starts no daemon.
check() { # STATUS ARGUMENT...
	assert_status "$1" "$HANDYPROXY" "${@:2}" -check
}

takes() { # OPTION VALUE...
	local value
	for value in "${@:2}"; do
		check 0 "-$1" "$value"
		assert_equal "$output" 'configuration ok'
		assert_equal "$errors" ''
	done
}

# Each value is refused in one line that names the option, the value and the
# expected form.
refuses() { # OPTION EXPECTED VALUE...
	local value
	for value in "${@:3}"; do
		check 2 "-$1" "$value"
		assert_one_line_says "-$1 \"$value\": expected $2"
	done
}

DURATIONS=(25s 1m30s 500ms 1.5h 2h4m 1h1m1s1ms 100us 1ns .5s 5.s +5s 0.1s)
# shellcheck disable=SC2054 # a comma in a value
NO_DURATIONS=('' 5 s 5x '5 s' ' 5s' '5s ' 1h30 1e3s 5s5 -s . .s 1..5s 5S 0x5s
    99999999999h 5,5s '5s;')

@test "-local-port" {
	takes local-port 1 80 8443 65535
	refuses local-port 'a port from 1 to 65535' 0 65536 -1 +1 80a 0x50 '' ' 80' \
	    '80 ' 1.5 http 99999999999999999999
}

@test "-local-address" {
	takes local-address 0.0.0.0 127.0.0.1 192.168.1.1 :: ::1 fd00::1 ::ffff:192.168.1.1
	refuses local-address 'an IPv4 address, or an IPv6 address' '' localhost 256.0.0.1 \
	    1.2.3 1.2.3.4.5 1.2.3.4:80 '1.2.3.4 ' 010.0.0.1 '[::]' :::1 fe80::1 febf::1 fe80::1%lo
}

@test "-upstream-proxy" {
	takes upstream-proxy localhost localhost:3128 proxy.local proxy_1:8080 \
	    10.0.0.1 10.0.0.1:1 10.0.0.1:65535 '[::1]:3128' '[fd00::1]' fd00::1 \
	    http://proxy:3128 proxy:3128/ a,b,c,d,e,f,g,h a,direct direct \
	    '[fe80::1%wan]:3128' '[fe80::1%3]' fe80::1%br-lan.2
	refuses upstream-proxy 'HOST or HOST:PORT' '' : :3128 proxy: proxy:0 \
	    proxy:65536 proxy:http https://proxy:3128 proxy:3128/x 'pro xy' \
	    '[fe80::1%]' '[fe80::1%a b]' '[10.0.0.1%lo]' fe80::1%lo:80 \
	    '[::1' '[]' '[::1]3128' '[::1]:' '[::1]:0' '[10.0.0.1]:80' '[proxy]:80' \
	    -proxy "$(printf 'a%.0s' {1..300})" a,,b a,
	refuses upstream-proxy '8 different upstreams' a,b,c,d,e,f,g,h,i
	refuses upstream-proxy 'brackets' fe80::1:3128
}

@test "-upstream-proxy: a password is not repeated" {
	check 2 -upstream-proxy http://alice:secret@proxy:80
	assert_one_line_says '-upstream-proxy "...@proxy:80"' \
	    'expected no user and password' -upstream-credentials
	[[ $errors != *secret* && $errors != *alice* ]]
}

@test "-upstream-order, -failover-after and -check-interval" {
	takes upstream-order listed spread
	refuses upstream-order 'listed or spread' '' random Listed
	for option in failover-after check-interval; do
		takes "$option" "${DURATIONS[@]}"
		refuses "$option" 'a duration' "${NO_DURATIONS[@]}" 0 0s -1s
	done
}

@test "-route" {
	takes route '10.0.0.0/8 direct' '10.1.2.3,2001:db8::/32   a,b:1,direct' \
	    '* proxy'
	refuses route 'MATCH[,MATCH]... VIA' '' direct '10.0.0.0/8 '
	refuses route 'a network without host bits' '10.0.0.1/8 direct'
	refuses route 'a MATCH without a port' '10.0.0.1:80 direct' 'example.com:80 direct'
	refuses route 'an IPv4 network written as IPv4' '::ffff:10.0.0.0/104 direct'
	refuses route 'each upstream once' '* a,b,A:3128'
	refuses route 'an IP, a CIDR, NAME' '*.*.com direct' '10.0.0 direct'
}

@test "-check finds what cannot work" {
	check 2 -route 'example.com direct'
	assert_one_line_says -route example.com -sniff-timeout
	check 0 -route 'example.com direct' -sniff-timeout 1s
	for own in 127.0.0.1 127.1.2.3 localhost 0.0.0.0 '[::ffff:127.0.0.1]'; do
		for all in 0.0.0.0 ::; do
			check 2 -local-address "$all" -upstream-proxy "a,$own:8443"
			assert_one_line_says -upstream-proxy :8443 "this instance"
		done
	done
	for all in :: ::1; do
		check 2 -local-address "$all" -upstream-proxy 'a,[::1]:8443'
		check 2 -local-address "$all" -upstream-proxy localhost:8443
	done
	check 0 -upstream-proxy '[::1]:8443'
	check 0 -local-address ::1 -upstream-proxy 127.0.0.1:8443
	check 2 -route '10.0.0.0/8 localhost:9000' -local-port 9000
	assert_one_line_says localhost:9000 "this instance"
	check 2 -local-address 127.0.0.2 -upstream-proxy 127.0.0.2:8443
	for other in 127.0.0.1:8444 192.0.2.77:8443 proxy:8443; do
		check 0 -upstream-proxy "$other"
	done
	check 0 -local-address 127.0.0.2 -upstream-proxy 127.0.0.1:8443
	check 2 -upstream-proxy a,b,c,d,e -route '10.0.0.0/8 f,g,h,i'
	assert_one_line_says i:3128 "8 different upstreams"
}

@test "-upstream-credentials" {
	local file=$BATS_TEST_TMPDIR/file value
	printf 'user\npassword\n' >"$file"
	chmod 600 "$file"
	for value in "$file" "localhost=$file" "localhost:3128=$file,$file" \
	    "LOCALHOST=$file,localhost:3128=$file,$file"; do
		check 0 -upstream-credentials "$value"
		assert_equal "$output" 'configuration ok'
	done
	refuses upstream-credentials 'FILE or HOST' '' , "$file," ",$file" localhost=
	refuses upstream-credentials 'one file' "$file,$file" "localhost=$file,localhost=$file"
	refuses upstream-credentials 'HOST or HOST:PORT' "local host=$file" "localhost:=$file" \
	    "=$file"
	check 2 -upstream-credentials "other=$file"
	assert_one_line_says '-upstream-credentials "other": expected an upstream'
	check 1 -upstream-credentials "$file.no"
	assert_one_line_says "-upstream-credentials $file.no" 'No such file'
	chmod 604 "$file"
	check 1 -upstream-credentials "$file"
	assert_one_line_says "-upstream-credentials $file" 'permissions for others'
}

@test "-connect-header" {
	takes connect-header 'User-Agent: a b' 'X:' "X: $(printf 'a%.0s' {1..508})" $'X: a\tb'
	refuses connect-header 'NAME: VALUE' '' User-Agent ': a' 'a b: c' 'a : b'
	check 2 -connect-header "X: $(printf 'a%.0s' {1..509})"
	assert_one_line_says 'expected NAME: VALUE without control characters, 511 bytes'
	refuses connect-header 'a field other' 'Host: a' 'content-length: 0' \
	    'Transfer-Encoding: chunked'
	refuses connect-header '-upstream-credentials' 'Proxy-Authorization: Basic eDp5'
	check 2 -connect-header A: -connect-header B: -connect-header C: -connect-header D: \
	    -connect-header E: -connect-header F: -connect-header G: -connect-header H: \
	    -connect-header I:
	assert_one_line_says '-connect-header "I:": expected 8 fields at most'
}

@test "-ready-connections" {
	takes ready-connections 0 1 16
	refuses ready-connections 'a number from 0 to 16' '' 17 -1 4x 1.5 auto
}

@test "-dial-timeout, -response-timeout, -http-head-timeout and -ready-timeout" {
	for option in dial-timeout response-timeout http-head-timeout ready-timeout; do
		takes "$option" "${DURATIONS[@]}"
		refuses "$option" 'a duration' "${NO_DURATIONS[@]}" 0 0s -1s
	done
}

@test "-idle-timeout, -half-closed-timeout and -drain-timeout" {
	for option in idle-timeout half-closed-timeout drain-timeout; do
		takes "$option" "${DURATIONS[@]}" 0 0s
		refuses "$option" '0 or a duration' "${NO_DURATIONS[@]}" -1s
	done
}

@test "-sniff-timeout" {
	takes sniff-timeout "${DURATIONS[@]}" 0 0s -1s -5m
	refuses sniff-timeout 'a duration' "${NO_DURATIONS[@]}"
}

@test "-sniff-max-bytes" {
	takes sniff-max-bytes 1 8192 16384 1048576 0 -1
	refuses sniff-max-bytes 'a number of bytes' '' 1048577 8k 1.5 many
}

@test "-sniff-tls-ports, -sniff-http-ports and -http-relay-ports" {
	for option in sniff-tls-ports sniff-http-ports http-relay-ports; do
		takes "$option" all none 443 443,8443,9000-9100 1-65535 80,80 5-5
		refuses "$option" 'ports such as 443,8443' '' , 443, ,443 0 65536 9100-9000 \
		    443,,80 '443, 80' 1-2-3 -5 5- https 443,none all,443
	done
}

@test "-half-close" {
	takes half-close forward hold
	refuses half-close 'forward or hold' '' drop Forward holds
}

@test "-workers" {
	takes workers 1 2 256
	refuses workers 'a number' '' 0 -1 257 two 1.5 '2 '
}

@test "-max-connections" {
	takes max-connections 1 1000 10000000
	refuses max-connections 'a number' '' 0 -1 10000001 many 1e6
}

@test "-max-per-client" {
	takes max-per-client 0 1 1000 10000000
	refuses max-per-client 'a number' '' -1 10000001 many 1e6
}

@test "-user and -group" {
	takes group nogroup
	! has_many_users || takes user nobody
	refuses user 'the name or number of a user' '' "$(printf 'u%.0s' {1..80})"
	refuses group 'the name or number of a group' '' "$(printf 'g%.0s' {1..80})"
}

@test "-chroot, -pid-file and -config" {
	takes chroot / /usr
	takes pid-file /run/handyproxy.pid
	for option in chroot pid-file config; do
		refuses "$option" 'a path' ''
	done
}

@test "-sandbox" {
	takes sandbox on off
	refuses sandbox 'on or off' '' true yes 1 On
}

# shellcheck disable=SC2102 # IPv6 addresses
@test "-status-address" {
	takes status-address 127.0.0.1:1 127.0.0.1:65535 [::1]:9090 [::ffff:127.0.0.1]:9090 \
	    "$BATS_TEST_TMPDIR/status" status ./127.0.0.1 a:/b
	refuses status-address 'an address with its port such as 127.0.0.1:9090' '' 127.0.0.1 \
	    ::1 [::1] ::1:9090 127.0.0.1: 127.0.0.1:0 127.0.0.1:65536 127.0.0.1:http \
	    :9090 9090 localhost:9090 [127.0.0.1]:9090 [fe80::1]:9090 \
	    "/$(printf 'a%.0s' {1..107})"
	for address in 0.0.0.0:9090 192.168.1.1:9090 "[::]:9090" "[fd00::1]:9090"; do
		check 0 -status-address "$address"
		assert_equal "$output" 'configuration ok'
		[[ $errors == *"-status-address $address is open to other hosts"* ]]
	done
	touch "$BATS_TEST_TMPDIR/file"
	check 1 -status-address "$BATS_TEST_TMPDIR/file"
	assert_one_line_says "-status-address $BATS_TEST_TMPDIR/file: it exists and is no socket"
}

@test "-log-to, -log-format and -log-level" {
	takes log-to stderr syslog /run/handyproxy.log
	refuses log-to 'stderr, syslog or a path' ''
	takes log-format text json
	refuses log-format 'text or json' '' JSON plain
	takes log-level error warning notice info debug
	refuses log-level 'error, warning, notice, info or debug' '' warn Notice 3
}

@test "switches take =true and =false, and nothing else" {
	for switch in daemon check top version help; do
		check 2 "-$switch=maybe"
		assert_one_line_says "-$switch \"maybe\"" 'expected true or false'
		check 2 "--$switch="
		assert_one_line_says "-$switch \"\"" 'expected true or false'
	done
	check 0 -check=true
	check 0 -daemon=false -help=false -version=false --check
	assert_equal "$output" 'configuration ok'
	check 0 -check=false -version
	# The next argument is not a switch's value.
	check 2 -daemon off
	assert_one_line_says 'unexpected argument "off"' '=false'
	check 2 -daemon=on
	assert_one_line_says '-daemon "on"' 'expected true or false'
	check 2 true
	assert_one_line_says 'unexpected argument "true"'
}

@test "a missing value is named with what is expected" {
	for option in $OPTIONS; do
		assert_status 2 "$HANDYPROXY" -check "-$option"
		assert_one_line_says "-$option" 'value is missing' expected
	done
}

@test "one or two dashes, a space or an equals sign are the same" {
	local written argument
	for written in '-local-port PORT' -local-port=PORT '--local-port PORT' --local-port=PORT; do
		read -ra argument <<<"${written/PORT/70000}"
		check 2 "${argument[@]}"
		assert_one_line_says '-local-port "70000"' 'expected a port'
		daemon_port=$(free_port)
		read -ra argument <<<"${written/PORT/$daemon_port}"
		# The last value overrides that of handyproxy_start.
		handyproxy_start -local-port 1 "${argument[@]}"
		is_bound "$daemon_port"
		handyproxy_end
	done
}

@test "the last value of a repeated option counts" {
	daemon_port=$(free_port)
	handyproxy_start -local-port 1 --local-port=2 -local-port "$daemon_port" -workers 5 -workers 3
	is_bound "$daemon_port"
	assert_equal "$(worker_count)" 3
	check 2 -workers none -workers 2
	assert_one_line_says '-workers "none"'
}

@test "an argument that is no option is an error" {
	for argument in 8443 start help - local-port=8443; do
		check 2 "$argument"
		assert_one_line_says "unexpected argument \"$argument\"" expected
	done
	for argument in -x -port --listen '-?' -: -:x --local_port -=5 --=5 -locl-port=5 \
	    -v -h -work --local-p=1; do
		check 2 "$argument"
		assert_one_line_says "unknown option \"$argument\"" expected
	done
	check 2 -- -workers
	assert_one_line_says 'unexpected argument "-workers"'
	check 2 ''
	assert_one_line_says 'unexpected argument ""'
}

@test "the bytes of an argument are escaped and stay on one line" {
	check 2 -workers $'1\n2'
	assert_one_line_says '-workers "1\x0a2"' 'expected a number'
	check 2 $'--a\e[31mb\n'
	assert_one_line_says '\x1b[31mb\x0a"'
	check 2 $'ä\r'
	assert_one_line_says '\xc3\xa4\x0d'
	check 2 -config $'/no\nfile'
	assert_one_line_says -config '/no\x0afile'
}

@test "however long a value is, the line says what is expected" {
	local long
	long=$(printf 'a%.0s' {1..3000})
	for option in local-port upstream-proxy dial-timeout sniff-tls-ports workers user log-level; do
		check 2 "-$option" "$long"
		assert_one_line_says "-$option \"aaaaaaaa" expected
		[ "${#errors}" -lt 2000 ]
	done
}

@test "-help names each option, once, and nothing else" {
	local named words default dashes
	check 0 -help
	assert_equal "$errors" ''
	named=$(sed -n 's/^ *-\([a-z-]*\).*/\1/p' <<<"$output" | sort)
	# shellcheck disable=SC2086 # lists
	assert_equal "$named" "$(printf '%s\n' $OPTIONS $SWITCHES | sort)"
	[ -z "$(awk 'length > 80' <<<"$output")" ]
	words=$(tr -s '\n ' ' ' <<<"$output")
	for default in 8443 0.0.0.0 localhost:3128 3m -1s 8192 all forward 2h4m 10m 5s notice; do
		[[ $words == *"(default: $default)"* ]]
	done
	for dashes in -help --help -help=true; do
		check 0 "$dashes" -local-port 80
		[[ $output == *-upstream-proxy* ]]
	done
}

@test "-version is one line on stdout" {
	check 0 -version
	[[ $output =~ ^handyproxy\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	assert_equal "$errors" ''
	check 0 --version
}

@test "-check binds nothing and writes nothing" {
	local port folder=$BATS_TEST_TMPDIR/folder
	mkdir "$folder"
	port=$(free_port)
	occupy "$port"
	assert_status 0 in_router "$HANDYPROXY" -local-port "$port" -log-to "$folder/log" \
	    -pid-file "$folder/pid" -daemon -check
	assert_equal "$output" 'configuration ok'
	assert_equal "$(ls "$folder")" ''
	kill $!
}

@test "-check says what a start would find wrong" {
	check 1 -chroot /no/such/folder
	assert_one_line_says '-chroot /no/such/folder' 'No such file or directory'
	[ "$(id -u)" -eq 0 ] || skip "-user is for root"
	check 1 -user no-such-user
	assert_one_line_says '-user no-such-user' 'no such user'
	check 1 -group no-such-group
	assert_one_line_says '-group no-such-group' 'no such group'
}

# prints NAME VALUE ARGUMENT...: also where the same is only to be checked.
prints() {
	local switch
	for switch in '' -check; do
		# shellcheck disable=SC2086 # none or one
		assert_status 0 "$HANDYPROXY" "${@:3}" $switch -print "$1"
		assert_equal "$output" "$2"
		assert_equal "$errors" ''
	done
}

@test "-print is the value that counts" {
	local file=$BATS_TEST_TMPDIR/file

	prints local-port 8443
	prints upstream-proxy localhost:3128
	prints user ''
	prints daemon false
	prints local-port 80 -local-port 8080 -local-port 80
	printf '%s\r\n' '# drain-timeout 1s' 'drain-timeout 2s' \
	    $'  drain-timeout\t 1m30.5s# the last one counts' \
	    '#drain-timeout 5s' 'local-port 08444 # ours' 'daemon' 'user proxy' \
	    >"$file"
	prints drain-timeout 90.500s -config "$file"
	prints local-port 8444 -config "$file"
	prints daemon true -config "$file"
	prints user proxy -config "$file"
	prints user other -user other -config "$file"
	prints config "$file" -config "$file"
	prints log-to stderr -log-to stderr
}

@test "-print has durations in seconds" {
	local written seconds
	while read -r written seconds; do
		prints drain-timeout "$seconds" -drain-timeout "$written"
	done <<-END
		0 0s
		5s 5s
		500ms 0.500s
		1m30s 90s
		1.5h 5400s
		2h4m 7440s
		7us 0.001s
		1m1ms 60.001s
	END
	prints sniff-timeout 1s -sniff-timeout 0
	prints sniff-timeout -1s -sniff-timeout -5m
	prints dial-timeout 180s
}

@test "-print refuses what is no option, and a configuration that is wrong" {
	assert_status 2 "$HANDYPROXY" -print local_port
	assert_one_line_says '-print "local_port": expected an option that -help lists'
	assert_status 2 "$HANDYPROXY" -print local-port -workers none
	assert_one_line_says '-workers "none"'
	echo 'workers none' >"$BATS_TEST_TMPDIR/file"
	assert_status 2 "$HANDYPROXY" -print local-port -config "$BATS_TEST_TMPDIR/file"
	assert_one_line_says "$BATS_TEST_TMPDIR/file:1: " 'workers "none"'
}

@test "-user and -group take numbers that have no entry" {
	[ "$(id -u)" -eq 0 ] || skip "-user is for root"
	has_many_users || skip 'there is only one user'
	check 0 -user 64321
	assert_equal "$output" 'configuration ok'
	check 0 -user 64321 -group 64322
	handyproxy_start -user 64321 -group 64322
	assert_equal "$(awk '/^Uid:/ { print $2 }' "/proc/$master/status")" 64321
	assert_equal "$(awk '/^Gid:/ { print $2 }' "/proc/$master/status")" 64322
	handyproxy_end
	check 1 -user 4294967295
	assert_one_line_says '-user 4294967295' 'no such user'
}

# Of the router's network alone.
local_ports_are() { # FIRST LAST [RESERVED]
	# shellcheck disable=SC2016 # for the shell in there
	in_router sh -c 'echo "$1 $2" >/proc/sys/net/ipv4/ip_local_port_range
	    echo "$3" >/proc/sys/net/ipv4/ip_local_reserved_ports' sh "$1" "$2" "${3-}"
}

@test "a port that the kernel gives to other connections is warned of" {
	local_ports_are 30000 40000
	assert_status 0 in_router "$HANDYPROXY" -check -local-port 33333
	[[ $errors == *'-local-port 33333 is within'*ip_local_reserved_ports* ]]
	local_ports_are 30000 40000 33000-33400
	assert_status 0 in_router "$HANDYPROXY" -check -local-port 33333
	[[ $errors != *'is within'* ]]
	assert_status 0 in_router "$HANDYPROXY" -check -local-port 8443
	[[ $errors != *'is within'* ]]
	local_ports_are 32768 60999
}

@test "-local-address may come up later" {
	local address
	for address in 192.0.2.99 2001:db8::99; do
		handyproxy_start -local-address "$address"
		wait_until 10 handyproxy_is_up
		handyproxy_end
	done
}

@test "output that cannot be written is a failure" {
	for question in -version -help -print=workers; do
		run sh -c '"$1" "$2" >/dev/full' sh "$HANDYPROXY" "$question"
		[ "$status" -eq 1 ]
	done
}

@test "the command lines of the Go program's manual are accepted unchanged" {
	check 0 -local-port 8043 -upstream-proxy proxy.local -dial-timeout 25s
	check 0 -sniff-max-bytes 16384 -sniff-timeout 2s
	check 0 -local-port=8043 -upstream-proxy=127.0.0.1:3128 -sniff-timeout=-1s
	assert_equal "$output" 'configuration ok'
}
