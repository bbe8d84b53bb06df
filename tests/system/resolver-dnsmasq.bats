# SPDX-License-Identifier: MIT
# The upstream's name from a real dnsmasq, which misbehaves by itself or because
# of the name server behind it. With the program under test, and with a static
# one of musl, whose name service is another.

load resolver

setup_file() {
	load resolver
	local repository=$BATS_TEST_DIRNAME/../.. built=$BATS_FILE_TMPDIR/musl
	DNSMASQ=$(PATH=$PATH:/usr/sbin:/sbin command -v dnsmasq || :)
	MUSL=
	! command -v musl-gcc >/dev/null || MUSL=$built/handyproxy
	export DNSMASQ MUSL
	[ -n "$DNSMASQ" ] || return 0
	[ -z "$MUSL" ] || make -C "$repository" -s -j2 CC=musl-gcc CFLAGS=-O0 STATIC=1 BUILD="$built" "$MUSL"
	names_up
}

teardown_file() {
	lab_down
}

setup() {
	[ -n "$DNSMASQ" ] || skip 'dnsmasq is not installed'
	case $BATS_TEST_DESCRIPTION in
	*', musl') [ -n "$MUSL" ] || skip 'musl-gcc is not installed' ;;
	esac
	name_server_says nxdomain
	echo 'nameserver 127.0.0.1' >"$NAMES/resolv.conf"
}

teardown() {
	handyproxy_test_end
	name_server_end
}

# It keeps no answer, so that each question meets the name server behind it.
dnsmasq_start() { # OPTION...
	lab_start router "$DNSMASQ" --keep-in-foreground --conf-file=/dev/null \
	    --user=root --pid-file= --no-resolv --no-hosts --cache-size=0 \
	    --listen-address=127.0.0.1 --bind-interfaces "$@" 2>/dev/null
	dnsmasq=$!
	wait_until 10 dnsmasq_is_up
}

dnsmasq_is_up() {
	[ -n "$(in_router ss -Hlun 'sport = :53 and src 127.0.0.1')" ]
}

dnsmasq_end() {
	kill "$dnsmasq"
	wait "$dnsmasq" || :
}

dnsmasq_has() { # ADDRESS...
	printf "%s $UPSTREAM_NAME\n" "$@" >"$NAMES/dnsmasq"
}

start_musl() {
	HANDYPROXY=$MUSL start
}

start() {
	handyproxy_start -upstream-proxy "$UPSTREAM_NAME"
}

# Reloads, then runs the command, which waits for the effect.
reload_until() { # COMMAND...
	kill -s HUP "$master"
	"$@"
}

failing_for_ipv6() { # START
	local way
	name_server_start 127.0.0.2
	dnsmasq_start --server=127.0.0.2
	for way in silence servfail refused notimp nxdomain; do
		name_server_says 10.1.0.2 "aaaa=$way"
		"$1"
		assert_log 'is at upstream=10.1.0.2:3128$'
		name_server_says 10.1.0.3 "aaaa=$way"
		wait_until 10 reload_until log_has 1 'is at upstream=10.1.0.3:3128$'
		refute_log 'does not resolve'
		handyproxy_end
	done
}

@test "dnsmasq: the name server behind it fails for AAAA" {
	failing_for_ipv6 start
}

@test "dnsmasq: the name server behind it fails for AAAA, musl" {
	failing_for_ipv6 start_musl
}

without_ipv6() { # START
	name_server_says 10.1.0.2 fd02::2
	name_server_start 127.0.0.2
	dnsmasq_start --server=127.0.0.2 --filter-AAAA
	"$1"
	assert_log 'is at upstream=10.1.0.2:3128$'
	handyproxy_end
	dnsmasq_end
	# It has the IPv4 address by itself, and nothing else, nor whom to ask.
	dnsmasq_start "--address=/$UPSTREAM_NAME/10.1.0.3"
	"$1"
	assert_log 'is at upstream=10.1.0.3:3128$'
	handyproxy_end
	dnsmasq_end
	dnsmasq_has 10.1.0.4
	dnsmasq_start --addn-hosts="$NAMES/dnsmasq" "--server=/$UPSTREAM_NAME/"
	"$1"
	assert_log 'is at upstream=10.1.0.4:3128$'
	refute_log 'does not resolve'
}

@test "dnsmasq has no AAAA: --filter-AAAA, --address, --server without an address" {
	without_ipv6 start
}

@test "dnsmasq has no AAAA: --filter-AAAA, --address, --server without an address, musl" {
	without_ipv6 start_musl
}

many_addresses() { # START
	dnsmasq_has 10.1.1.{1..24}
	dnsmasq_start --addn-hosts="$NAMES/dnsmasq"
	"$1"
	assert_log 'is at( upstream=10\.1\.1\.[0-9]+:3128){8} more=16$'
	refute_log ' (error|warning) '
}

@test "dnsmasq: more than 8 addresses are used" {
	many_addresses start
}

@test "dnsmasq: more than 8 addresses are used, musl" {
	many_addresses start_musl
}

# The daemon asks again by itself.
change() { # START
	dnsmasq_has 10.1.0.2
	dnsmasq_start --addn-hosts="$NAMES/dnsmasq"
	"$1"
	assert_log 'is at upstream=10.1.0.2:3128$'
	dnsmasq_has 10.1.0.3 fd02::2
	kill -s HUP "$dnsmasq"
	wait_until 40 log_has 1 'is at upstream=10.1.0.3:3128 upstream=\[fd02::2\]:3128$'
}

@test "dnsmasq: an address that changes is followed" {
	change start
}

@test "dnsmasq: an address that changes is followed, musl" {
	change start_musl
}

stopped_and_back() { # START
	dnsmasq_has 10.1.0.2
	"$1"
	assert_log 'warning resolver: .*does not resolve, connections wait'
	dnsmasq_start --addn-hosts="$NAMES/dnsmasq"
	assert_log 'is at upstream=10.1.0.2:3128$'
	dnsmasq_end
	wait_until 40 reload_until log_has 1 'does not resolve, its last addresses stay in use'
	dnsmasq_has 10.1.0.3
	dnsmasq_start --addn-hosts="$NAMES/dnsmasq"
	wait_until 40 log_has 1 'is at upstream=10.1.0.3:3128$'
	assert_log 'notice resolver: .* resolves again'
}

@test "dnsmasq is stopped and comes back: the last addresses stay in use" {
	stopped_and_back start
}

@test "dnsmasq is stopped and comes back: the last addresses stay in use, musl" {
	stopped_and_back start_musl
}
