# SPDX-License-Identifier: MIT
# The rules that prerouting.sh and output.sh put up and take down.

load rules

setup_file() {
	load rules
	lab_up
}

teardown_file() {
	lab_down
}

teardown() {
	lab_clear
}

# A command in PATH before the real command, which fails at call number $2. The
# calls of all these commands are counted together.
fail_at_call() { # DIRECTORY NUMBER
	local directory=$1 program
	mkdir -p "$directory"
	rm -f "$directory"/calls
	for program in {ip,ip6}tables-{nft,legacy}-{save,restore} nft; do
		cat >"$directory/$program" <<-END
			#!/bin/sh
			echo >>'$directory/calls'
			if [ "\$(wc -l <'$directory/calls')" -eq $2 ]; then
				echo 'the test says no' >&2
				exit 1
			fi
			PATH=\${PATH#*:} exec $program "\$@"
		END
		chmod +x "$directory/$program"
	done
}

# shellcheck disable=SC2054 # the comma is in the option's value
every_option=(--ports 80,443,9000-9100 --to-port 8500 --source 192.168.1.10
    --to-port 8044 --source 192.168.1.0/24 --source fd01::/64 --interface lan
    --interface 'ppp+' --exclude 5.0.0.0/8 --include 198.18.0.0/15
    --include fd09::/16 --upstream 11.0.0.2:80 --reject-quic --reject-ipv6)

every_option() {
	[ "$backend" = nft ] || set -- --open-input
	printf '%s\n' "${every_option[@]}" "$@"
}

@test "this machine has each back end" {
	for backend in $ALL_BACKENDS; do
		machine_has_backend "$backend" || skip "no $backend"
	done
}

@test "help names every option" {
	for name in prerouting output; do
		for word in help --help -h; do
			assert_status 0 "$SCRIPTS/$name.sh" "$word"
			assert_output_has "usage: $name.sh" --ports --to-port --interface --source \
			    --exclude --include --exempt-source --upstream --backend --ipv6 --reject-quic --reject-ipv6 \
			    --open-input --name --dry-run
		done
	done
	assert_output_has --user --exempt-user
	for word in --help -h; do
		for action in up down status; do
			assert_status 0 in_router "$SCRIPTS/prerouting.sh" "$action" --interface lan "$word"
			assert_output_has 'usage: prerouting.sh'
		done
	done
}

@test "wrong usage is one line that names the thing, and status 2" {
	local name line words
	while IFS='|' read -r name words line; do
		# shellcheck disable=SC2086 # words
		assert_status 2 in_router "$SCRIPTS/$name.sh" $words
		assert_equal "$output" "$name.sh: $line (see $name.sh --help)"
	done <<'END'
prerouting||'' is none of up, down, status
prerouting|start|'start' is none of up, down, status
prerouting|up --interface|--interface: '' is no name of an interface
prerouting|up --interface a/b|--interface: 'a/b' is no name of an interface
prerouting|up --interface an-interface-too-long|--interface: 'an-interface-too-long' is no name of an interface
prerouting|up --ports=|--ports: '' is no list of ports such as 80,443,9000-9100
prerouting|up --ports 80,|--ports: '80,' is no list of ports such as 80,443,9000-9100
prerouting|up --ports 0|--ports: '0' is no list of ports such as 80,443,9000-9100
prerouting|up --ports 65536|--ports: '65536' is no list of ports such as 80,443,9000-9100
prerouting|up --ports 90-80|--ports: '90-80' is no list of ports such as 80,443,9000-9100
prerouting|up --ports http|--ports: 'http' is no list of ports such as 80,443,9000-9100
prerouting|up --to-port 99999|--to-port: '99999' is no port from 1 to 65535
prerouting|up --to-port 08|--to-port: '08' is no port from 1 to 65535
prerouting|up --source 10.0.0.256|--source: '10.0.0.256' is no network such as 192.168.1.0/24
prerouting|up --source 10.0.0.0/33|--source: '10.0.0.0/33' is no network such as 192.168.1.0/24
prerouting|up --source localhost|--source: 'localhost' is no network such as 192.168.1.0/24
prerouting|up --exclude 10.0.0|--exclude: '10.0.0' is no network such as 192.168.1.0/24
prerouting|up --exclude :::|--exclude: ':::' is no network such as 192.168.1.0/24
prerouting|up --exclude 1:2:3|--exclude: '1:2:3' is no network such as 192.168.1.0/24
prerouting|up --exclude 1:2:3:4:5:6:7:8:9|--exclude: '1:2:3:4:5:6:7:8:9' is no network such as 192.168.1.0/24
prerouting|up --exclude 1::2::3|--exclude: '1::2::3' is no network such as 192.168.1.0/24
prerouting|up --exclude 12345::|--exclude: '12345::' is no network such as 192.168.1.0/24
prerouting|up --exclude ::1.2.3|--exclude: '::1.2.3' is no network such as 192.168.1.0/24
prerouting|up --include fd00::/129|--include: 'fd00::/129' is no network such as 192.168.1.0/24
prerouting|up --upstream proxy:0|--upstream: 'proxy:0' is no HOST or HOST:PORT
prerouting|up --upstream [1:2:3]:80|--upstream: '[1:2:3]:80' is no HOST or HOST:PORT
prerouting|up --upstream 1:2:3|--upstream: '1:2:3' is no HOST or HOST:PORT
prerouting|up --upstream -x|--upstream: '-x' is no HOST or HOST:PORT
prerouting|down --backend pf|--backend: 'pf' is no back end: auto, iptables or nft
prerouting|status --name a/b|--name: 'a/b' is no name of at most 13 of A-Z a-z 0-9 _ . -
prerouting|status --name fourteen-chars|--name: 'fourteen-chars' is no name of at most 13 of A-Z a-z 0-9 _ . -
prerouting|up --frobnicate|unknown option --frobnicate
prerouting|up --user nobody|unknown option --user
prerouting|up --reject-quic=true|--reject-quic takes no value
prerouting|up --reject-ipv6=|--reject-ipv6 takes no value
prerouting|up --open-input=yes|--open-input takes no value
prerouting|up --dry-run=1|--dry-run takes no value
prerouting|up lan|unexpected argument 'lan'
prerouting|up|up wants --interface or --source
prerouting|up --source fd00::/8|up wants an IPv4 --source beside an IPv6 one, or --ipv6
prerouting|up --source fd00::/8 --interface lan|up wants an IPv4 --source beside an IPv6 one, or --ipv6
prerouting|up --interface lan --ipv6 --reject-ipv6|--ipv6 redirects what --reject-ipv6 rejects
prerouting|up --ipv6=yes|--ipv6 takes no value
prerouting|up --ipv6 --source ::/0|--source: a network /0 is everywhere, so it wants --interface
prerouting|up --source 0.0.0.0/0|--source: a network /0 is everywhere, so it wants --interface
prerouting|up --source 10.0.0.0/8 --to-port 8444 --source 10.0.0.0/0|--source: a network /0 is everywhere, so it wants --interface
prerouting|up --source 10.0.0.0/8 --source ::/0|--source: a network /0 is everywhere, so it wants --interface
prerouting|up --source 10.0.0.0/8 --reject-ipv6|--reject-ipv6 wants an IPv6 --source beside an IPv4 one
prerouting|up --source 10.0.0.0/8 --reject-ipv6 --interface lan|--reject-ipv6 wants an IPv6 --source beside an IPv4 one
output||'' is none of up, down, status
output|up --user|--user: '' is no name of a user
output|up --source fd00::/8|up wants an IPv4 --source beside an IPv6 one, or --ipv6
output|up --source 10.0.0.0/8 --reject-ipv6|--reject-ipv6 wants an IPv6 --source beside an IPv4 one
output|up --exempt-user -1|--exempt-user: '-1' is no name of a user
END
}

@test "a value with a space or a line break in it is refused" {
	for value in $'80\n443' '80 443' $'lan\t'; do
		for option in --ports --to-port --interface --source --upstream --name; do
			assert_status 2 in_router "$SCRIPTS/prerouting.sh" up "$option" "$value"
		done
	done
}

@test "a user that does not exist is an error of up, not of down and status" {
	assert_status 1 in_router "$SCRIPTS/output.sh" up --user no-such-user
	assert_output_has "no such user: no-such-user"
	assert_status 1 in_router "$SCRIPTS/output.sh" up --exempt-user no-such-user
	assert_output_has "no such user: no-such-user"
	assert_status 0 in_router "$SCRIPTS/output.sh" down --user no-such-user
	assert_status 3 in_router "$SCRIPTS/output.sh" status --user no-such-user
}

up_up_down() {
	local options before once
	mapfile -t options < <(every_option)
	for script in prerouting output; do
		[ "$script" = prerouting ] || options=("${options[@]/#--reject-ipv6/--ipv6}")
		before=$(saved_rules)
		"$script" up "${options[@]}"
		once=$(saved_rules)
		[ "$once" != "$before" ]
		"$script" up "${options[@]}"
		assert_equal "$(saved_rules)" "$once"
		assert_status 0 "$script" status
		"$script" down "${options[@]}"
		assert_equal "$(saved_rules)" "$before"
		"$script" down
		assert_equal "$(saved_rules)" "$before"
	done
}

@test "a second up changes nothing; down leaves exactly the rules from before" {
	for_each_backend up_up_down
}

@test "the same in busybox, with its own tools" {
	busybox=$(PATH=$PATH:/bin:/usr/bin command -v busybox) || skip "no busybox"
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in awk cat cut dirname env grep id ip ls printf readlink sed sort tr; do
		ln -s "$busybox" "$BATS_TEST_TMPDIR/bin/$tool"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	ALL_BACKENDS='iptables-nft nft'
	shell=("$busybox" ash)
	for_each_backend up_up_down
}

administrator_goes_on() {
	local before
	prerouting up --interface lan --reject-quic --reject-ipv6
	output up --reject-quic --reject-ipv6
	administrator_rules -I 2
	administrator_rules -A 3
	prerouting up --interface lan --ports 8080 --reject-quic --reject-ipv6
	prerouting down
	output down
	before=$(saved_rules)
	reset_rules
	administrator_rules -I 2
	administrator_rules -A 3
	assert_equal "$before" "$(saved_rules)"
}

@test "rules that the administrator adds meanwhile stay, in their order" {
	for_each_backend administrator_goes_on
}

jump_stays() {
	[ "$backend" != nft ] || return 0
	prerouting up --interface lan
	administrator_rules -A 2
	before=$(saved_rules | sed -n 's/^-A PREROUTING//p')
	prerouting up --interface wan
	assert_equal "$(saved_rules | sed -n 's/^-A PREROUTING//p')" "$before"
}

@test "a second up leaves our jump where it is among the administrator's rules" {
	for_each_backend jump_stays
}

replaces_options() {
	local wanted
	prerouting up --source 10.5.0.0/16 --ports 7777
	wanted=$(saved_rules)
	reset_rules
	prerouting up --interface lan --reject-quic --reject-ipv6 --ports 80,90-99
	prerouting up --source 10.5.0.0/16 --ports 7777
	assert_equal "$(saved_rules)" "$wanted"
}

@test "up with other options replaces all rules of the earlier up" {
	for_each_backend replaces_options
}

tells_status() {
	for script in prerouting output; do
		assert_status 3 "$script" status
		assert_equal "$output" "$script.sh: not up"
		"$script" up --interface lan --to-port 8501 --ports 80,90-99 --reject-ipv6
		assert_status 0 "$script" status
		assert_output_has 8501
		# The jumps have the ports. The administrator's rules are not ours.
		[ "$(grep -cE 'dports? .*80, ?90[:-]99' <<<"$output")" -eq 2 ]
		[ "$(grep -cw ACCEPT <<<"$output")" -eq 0 ]
		"$script" down
		assert_status 3 "$script" status
	done
}

@test "status shows the rules, and its exit status says whether they are up" {
	for_each_backend tells_status
}

loses_a_part() {
	local how table='ip handyproxy_prerouting' parts
	case $backend in
	nft)
		parts="nft delete table $table
			nft flush table $table
			nft flush table ip6 handyproxy_prerouting
			nft flush chain $table nat_prerouting
			nft flush chain $table nat_prerouting_rules
			nft delete chain $table nat_prerouting
			nft flush chain $table filter_forward"
		;;
	*)
		parts="$backend -w -t nat -F PREROUTING
			$backend -w -t nat -F HANDYPROXY_PRE
			$backend -w -t nat -F && $backend -w -t nat -X
			$backend -w -F HANDYPROXY_FWD
			${backend/iptables/ip6tables} -w -F FORWARD
			${backend/iptables/ip6tables} -w -F HANDYPROXY_FWD"
		;;
	esac
	while read -r how; do
		prerouting up --interface lan --ports 1-2,4,6,8,10,12,14,16-17,19,21-22,24 \
		    --reject-ipv6 --reject-quic
		assert_status 0 prerouting status
		in_router sh -euc "$how" </dev/null
		assert_status 1 prerouting status
		assert_output_has 'a part of these rules is gone: "up" mends it'
	done <<<"$parts"
	prerouting up --interface lan
	assert_status 0 prerouting status
	prerouting down
	assert_status 3 prerouting status
}

@test "a firewall that flushed a part of the rules shows in status, and up mends it" {
	for_each_backend loses_a_part
}

loses_a_family() {
	local how parts
	case $backend in
	nft)
		parts='nft delete table ip handyproxy_prerouting
			nft delete table ip6 handyproxy_prerouting'
		;;
	*)
		parts="$backend -w -t nat -F && $backend -w -t nat -X
			${backend/iptables/ip6tables} -w -t nat -F && ${backend/iptables/ip6tables} -w -t nat -X"
		;;
	esac
	while read -r how; do
		prerouting up --interface lan --ipv6
		assert_status 0 prerouting status
		in_router sh -euc "$how" </dev/null
		assert_status 1 prerouting status
		assert_output_has 'a part of these rules is gone: "up" mends it'
	done <<<"$parts"
	prerouting up --source fd01::/64 --ipv6
	assert_status 0 prerouting status
}

@test "status fails if the rules of either family are gone" {
	for_each_backend loses_a_family
}

loses_chains() {
	prerouting up --interface lan
	in_router nft 'flush table ip handyproxy_prerouting
	    delete chain ip handyproxy_prerouting nat_prerouting
	    delete chain ip handyproxy_prerouting nat_prerouting_rules'
	assert_status 1 prerouting status
	prerouting up --interface lan
	assert_status 0 prerouting status
}

@test "a table of ours without chains is not up" {
	ALL_BACKENDS=nft
	for_each_backend loses_chains
}

warns() {
	local script options=(--upstream 10.1.0.2 --interface lan --interface 'ppp+'
	    --source 10.0.0.1 --to-port 8471 --source 10.0.0.2 --to-port 8472)
	for script in prerouting output; do
		assert_status 0 "$script" up "${options[@]}" --interface lna
		assert_equal "$output" "$script.sh: warning: there is no interface lna now
$script.sh: warning: nobody listens on port 8472 yet: connections will be refused until somebody does"
		assert_status 0 "$script" status
		assert_equal "$("$script" up "${options[@]}" --interface la --dry-run 2>&1 >/dev/null)" ''
	done
}

warns_of_ipv6() {
	local options=(--upstream 10.1.0.2 --interface lan --ipv6 --to-port)
	assert_status 0 prerouting up "${options[@]}" 8471
	assert_equal "$output" 'prerouting.sh: warning: nobody listens on port 8471 over IPv6: HandyProxy needs -local-address ::'
	assert_equal "$(prerouting up "${options[@]}" 8473 2>&1)" ''
}

@test "up --ipv6 warns of a port on which a process listens over IPv4 alone" {
	start_original_destination router serve 0.0.0.0 8471
	local first=$!
	start_original_destination router serve :: 8473
	for_each_backend warns_of_ipv6
	kill "$first" "$!"
}

@test "up warns of a missing interface, and of a port on which no process listens" {
	start_original_destination router serve 0.0.0.0 8471
	for_each_backend warns
	kill "$!"
}

# What `up` leaves after each of its calls has failed once: all or nothing.
fails_half_way() { # [OPTION OF AN EARLIER UP]...
	local number=0 before
	[ $# -eq 0 ] || prerouting up "$@"
	before=$(saved_rules)
	status=1
	while [ "$status" -ne 0 ]; do
		number=$((number + 1))
		fail_at_call "$BATS_TEST_TMPDIR/shims" "$number"
		PATH=$BATS_TEST_TMPDIR/shims:$PATH run prerouting up \
		    --interface lan --reject-quic --ipv6
		[ "$status" -eq 0 ] || {
			[ "$status" -eq 1 ]
			assert_output_has 'the test says no'
			assert_equal "${#lines[@]}" 1
			assert_equal "$(saved_rules)" "$before"
		}
	done
	[ "$number" -gt 2 ]
	assert_status 0 prerouting status
}

@test "up that fails half-way, at whichever call, leaves nothing behind" {
	for_each_backend fails_half_way
}

# Of the two kinds of iptables, legacy commits each table by itself.
@test "up that fails half-way over an earlier up leaves the earlier rules" {
	ALL_BACKENDS='iptables-legacy nft'
	for_each_backend fails_half_way --source 10.5.0.0/16 --reject-quic
}

down_fails_half_way() {
	local number=0 before
	before=$(saved_rules)
	status=1
	while [ "$status" -ne 0 ]; do
		prerouting up --interface lan --reject-quic --reject-ipv6
		number=$((number + 1))
		fail_at_call "$BATS_TEST_TMPDIR/shims" "$number"
		PATH=$BATS_TEST_TMPDIR/shims:$PATH run prerouting down
		[ "$status" -eq 0 ] || {
			assert_equal "${#lines[@]}" 1
			prerouting down
		}
		assert_equal "$(saved_rules)" "$before"
	done
	[ "$number" -gt 2 ]
}

@test "down that fails half-way says so, and a second down does the rest" {
	ALL_BACKENDS='iptables-legacy nft'
	for_each_backend down_fails_half_way
}

dry_run_is_true() {
	local before wanted options
	mapfile -t options < <(every_option)
	before=$(saved_rules)
	prerouting up "${options[@]}"
	wanted=$(saved_rules)
	prerouting down --dry-run >"$BATS_TEST_TMPDIR/down"
	assert_equal "$(saved_rules)" "$wanted"
	in_router sh -eu "$BATS_TEST_TMPDIR/down"
	assert_equal "$(saved_rules)" "$before"
	prerouting up --dry-run "${options[@]}" >"$BATS_TEST_TMPDIR/up"
	assert_equal "$(saved_rules)" "$before"
	in_router sh -eu "$BATS_TEST_TMPDIR/up"
	assert_equal "$(saved_rules)" "$wanted"
}

@test "what --dry-run prints is a script that does what up and down do" {
	for_each_backend dry_run_is_true
}

names_are_apart() {
	local before first
	before=$(saved_rules)
	prerouting up --interface lan
	first=$(saved_rules)
	prerouting up --name a.thirteen-ch --source 10.5.0.0/16 --reject-quic
	assert_status 0 prerouting status --name a.thirteen-ch
	assert_status 3 prerouting status --name a.thirteen-c
	prerouting down --name a.thirteen-ch
	assert_equal "$(saved_rules)" "$first"
	prerouting up --name other --source 10.5.0.0/16
	prerouting down
	assert_status 0 prerouting status --name other
	prerouting down --name other
	assert_equal "$(saved_rules)" "$before"
}

@test "rules of one name stay when those of another go" {
	for_each_backend names_are_apart
}

@test "down takes away what another back end made, and up takes its place" {
	backend=nft
	reset_rules
	before=$(saved_rules)
	for backend in $ALL_BACKENDS; do
		machine_has_backend "$backend" || continue
		prerouting up --interface lan --reject-ipv6
	done
	for backend in $ALL_BACKENDS; do
		machine_has_backend "$backend" || continue
		prerouting up --interface lan
		assert_equal "$(saved_rules | grep -c '^table.*handyproxy_pre\|^:HANDYPROXY_PRE')" 1
		assert_status 0 in_router "$SCRIPTS/prerouting.sh" status
		assert_status 0 prerouting status
	done
	in_router "$SCRIPTS/prerouting.sh" down
	assert_status 3 in_router "$SCRIPTS/prerouting.sh" status
	reset_rules
	assert_equal "$(saved_rules)" "$before"
}

# With no programs but those in $BATS_TEST_TMPDIR/bin.
among_few_programs() { # ACTION [OPTION]...
	# shellcheck disable=SC2016 # for the shell in there
	in_router unshare --mount sh -euc '
		for directory in /usr/local/sbin /usr/sbin /sbin; do
			mount --bind "$1/empty" "$directory"
		done
		script=$2
		PATH=$1/bin
		shift 2
		exec "$script" "$@"
	' sh "$BATS_TEST_TMPDIR" "$SCRIPTS/prerouting.sh" "$@"
}

first_command() { # WORD
	run among_few_programs up --interface lan --dry-run
	assert_equal "${lines[0]%% *}" "$1"
}

@test "without --backend iptables is used, or nft where there is no other or fw4" {
	local program
	mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/empty"
	cd "$BATS_TEST_TMPDIR/bin"
	PATH=$PATH:/usr/sbin:/sbin
	for program in awk cat cut dirname env getent grep id ip ls readlink sed sh sort tr; do
		cp "$(command -v "$program")" .
	done
	assert_status 1 among_few_programs up --interface lan
	assert_equal "$output" 'prerouting.sh: neither iptables nor nft is found'
	assert_status 4 among_few_programs status
	assert_equal "$output" 'prerouting.sh: neither iptables nor nft is found'
	cp "$(command -v nft)" .
	first_command nft
	assert_status 4 among_few_programs status --backend iptables
	assert_equal "$output" 'prerouting.sh: iptables is not found'
	for program in iptables iptables-save iptables-restore ip6tables-save; do
		cp "$(command -v iptables-nft)" "$program"
	done
	first_command iptables-restore
	cp "$(command -v env)" fw4
	first_command nft
	rm nft
	first_command iptables-restore
}

@test "the scripts find what they share when they are called by a link" {
	ln -s "$SCRIPTS/prerouting.sh" "$BATS_TEST_TMPDIR/redirect"
	cd "$BATS_TEST_TMPDIR"
	assert_status 0 ./redirect --help
	PATH=$PWD:$PATH assert_status 0 redirect --help
	assert_status 0 sh redirect --help
	cd "$SCRIPTS"
	assert_status 0 sh prerouting.sh --help
}

# In a mount namespace where /proc says what it says on a kernel without IPv6,
# and ip6tables does as well.
without_ipv6() { # ACTION [OPTION]...
	local shims=$BATS_TEST_TMPDIR/shims program
	mkdir -p "$shims" "$BATS_TEST_TMPDIR/proc"
	for program in ip6tables-{nft,legacy}-{save,restore}; do
		printf '#!/bin/sh\necho "Address family not supported" >&2\nexit 1\n' >"$shims/$program"
		chmod +x "$shims/$program"
	done
	# shellcheck disable=SC2016 # for the shell in there
	local shell=(unshare --mount sh -euc '
		mount --rbind /proc "$1"
		mount -t tmpfs tmpfs /proc
		ln -s "$1"/* /proc
		rm /proc/net /proc/[0-9]*
		mkdir /proc/net
		ln -s "$1"/self/net/* /proc/net
		rm /proc/net/if_inet6
		PATH=$2:$PATH
		shift 2
		exec "$@"' sh "$BATS_TEST_TMPDIR/proc" "$shims")
	prerouting "$@"
}

has_no_ipv6() {
	local before wanted
	before=$(saved_rules)
	prerouting up --interface lan --reject-quic
	wanted=$(saved_rules)
	prerouting down
	for option in reject-ipv6:reject ipv6:redirect; do
		assert_status 0 without_ipv6 up --interface lan --reject-quic "--${option%:*}"
		assert_equal "$output" \
		    "prerouting.sh: warning: this host has no IPv6, so --${option%:*} has nothing to ${option#*:}
prerouting.sh: warning: nobody listens on port 8443 yet: connections will be refused until somebody does"
		assert_equal "$(saved_rules)" "$wanted"
	done
	assert_status 0 without_ipv6 status
	assert_status 1 without_ipv6 up --source fd01::/64 --ipv6
	assert_equal "$output" 'prerouting.sh: this host has no IPv6, and there is no IPv4 --source: nothing would be redirected'
	assert_equal "$(saved_rules)" "$wanted"
	assert_status 0 without_ipv6 down
	assert_equal "$(saved_rules)" "$before"
}

takes_zeros() {
	local wanted
	wanted=$(script output.sh up --user 10 --exempt-user 0 --dry-run)
	assert_equal "$(script output.sh up --user 0010 --exempt-user 00 --dry-run)" "$wanted"
}

@test "a user's number is decimal, whatever zeros it begins with" {
	for_each_backend takes_zeros
}

# nft itself accepts IPv4 after :: and ::ffff: only.
takes_forms() {
	local form options=()
	for form in :: ::1 1:: a:B:c:D:e:f:0:9 ::2:3:4:5:6:7:8 1:2:3:4:5:6:7:: 1::8/12 \
	    ::1.2.3.4 ::ffff:1.2.3.4/128 ffff::/0; do
		options+=(--exclude "$form")
	done
	[ "$backend" = nft ] || options+=(--exclude 1::6:1.2.3.4 --exclude 1:2:3:4:5:6:1.2.3.4)
	prerouting up --interface lan --reject-ipv6 "${options[@]}"
	prerouting down
}

@test "an IPv6 network may be written in all of its forms" {
	for_each_backend takes_forms
}

@test "--reject-ipv6 and --ipv6 are but a warning on a kernel without IPv6" {
	for_each_backend has_no_ipv6
}

lacks_ip6tables() {
	[ "$backend" != nft ] || return 0
	local before
	before=$(saved_rules)
	mkdir -p "$BATS_TEST_TMPDIR/shims"
	shim=$BATS_TEST_TMPDIR/shims/${backend/iptables/ip6tables}-restore
	printf '#!/bin/sh\nexit 127\n' >"$shim"
	chmod +x "$shim"
	PATH=${shim%/*}:$PATH assert_status 1 prerouting up --interface lan --reject-ipv6
	assert_equal "$(saved_rules)" "$before"
}

@test "--reject-ipv6 fails where there is IPv6, but no ip6tables that works" {
	for_each_backend lacks_ip6tables
}

# The kernel's refusal comes from the first call that would need such NAT.
lacks_ipv6_nat() {
	local before program=nft
	before=$(saved_rules)
	[ "$backend" = nft ] || program=${backend/iptables/ip6tables}-restore
	mkdir -p "$BATS_TEST_TMPDIR/shims"
	cat >"$BATS_TEST_TMPDIR/shims/$program" <<-END
		#!/bin/sh
		case " \$* " in
		*' --test '* | *' --check '*)
			echo 'no such table' >&2
			exit 1
			;;
		esac
		PATH=\${PATH#*:} exec $program "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/shims/$program"
	PATH=$BATS_TEST_TMPDIR/shims:$PATH assert_status 1 prerouting up --interface lan --ipv6
	assert_output_has '--ipv6: there is no NAT for IPv6' kmod-nft-nat 'no such table'
	assert_equal "${#lines[@]}" 1
	assert_equal "$(saved_rules)" "$before"
}

@test "--ipv6 fails in one line where the kernel has no NAT for IPv6" {
	for_each_backend lacks_ipv6_nat
}

# Whether a process of the router whose command line matches sleeps, or the
# process that was to start it has ended. /proc/locks would show less: in a
# process namespace it lacks locks that outlive their owners, and the processes
# that wait there.
router_has_asleep() { # PATTERN PID
	ps -o stat=,args= -p "$(in_router ip netns pids router | paste -sd,)" |
	    grep -Eq "^S.*$1" || ! kill -0 "$2" 2>/dev/null
}

@test "up waits for the lock that another iptables holds" {
	backend=iptables-legacy
	machine_has_backend "$backend" || skip "no iptables-legacy"
	reset_rules
	mkfifo "$BATS_TEST_TMPDIR/release"
	lab_start router flock /run/xtables.lock cat "$BATS_TEST_TMPDIR/release"
	wait_until 10 in_router sh -c '! flock --nonblock /run/xtables.lock true'
	prerouting up --interface lan 3>&- &
	up=$!
	wait_until 10 router_has_asleep iptables-legacy-restore "$up"
	: >"$BATS_TEST_TMPDIR/release"
	wait "$up"
	assert_status 0 prerouting status
}

# The first script has read the rules, but not yet put up its own, when the
# second starts.
ups_at_once() { # ACTION OF THE SECOND
	local shims=$BATS_TEST_TMPDIR/shims program=nft first second once
	[ "$backend" = nft ] || program=$backend-save
	prerouting up --interface lan --ports 80
	prerouting "$1" --interface lan --ports 80
	once=$(saved_rules)
	prerouting down
	rm -rf "$shims"
	mkdir "$shims"
	mkfifo "$shims/release"
	cat >"$shims/$program" <<-END
		#!/bin/sh
		PATH=\${PATH#*:} $program "\$@" || exit
		[ ! -p '$shims/release' ] || {
			: >'$shims/read'
			read -r _ <'$shims/release'
			rm -f '$shims/release'
		}
	END
	chmod +x "$shims/$program"
	PATH=$shims:$PATH prerouting up --interface lan --ports 80 3>&- &
	first=$!
	wait_until 10 test -e "$shims/read"
	prerouting "$1" --interface lan --ports 80 3>&- &
	second=$!
	wait_until 10 router_has_asleep 'flock 9$' "$second"
	echo >"$shims/release"
	wait "$first"
	wait "$second"
	assert_equal "$(saved_rules)" "$once"
}

@test "of two scripts at once the second waits until the first has ended" {
	for_each_backend ups_at_once up
	for_each_backend ups_at_once down
}

@test "only root can make up wait" {
	backend=nft
	reset_rules
	prerouting up --interface lan
	assert_equal "$(in_router stat -c %a /var/run/handyproxy-rules.lock)" 600
}
