# SPDX-License-Identifier: MIT
# scripts/add-user, with each system's own tools.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

setup() {
	machine_start
	add_user=$repository/scripts/add-user
}

teardown() {
	machine_stop
}

# has_user NAME: whether there is a system user with a group of the same name
# and no login.
has_user() {
	local entry

	entry=$(machine getent passwd "$1")
	echo "$entry"
	[[ $entry =~ ^$1:[^:]*:([0-9]+):([0-9]+):[^:]*:/nonexistent:[^:]*/nologin$ ]]
	[ "${BASH_REMATCH[1]}" -lt 1000 ]
	[ "$(machine getent group "$1" | cut -d : -f 3)" = "${BASH_REMATCH[2]}" ]
	[ "$(machine id -Gn "$1")" = "$1" ]
}

@test "user: useradd makes the user once" {
	command -v useradd > /dev/null || skip "useradd is not installed"
	run ! machine id handyproxy
	run -0 machine dash "$add_user"
	has_user handyproxy
	machine cp /etc/passwd /run/test/passwd
	run -0 machine dash "$add_user"
	machine cmp /etc/passwd /run/test/passwd
	run -0 machine dash "$add_user" proxy2
	has_user proxy2
}

@test "user: useradd uses an existing group" {
	command -v useradd > /dev/null || skip "useradd is not installed"
	machine groupadd --system handyproxy
	run -0 machine dash "$add_user"
	has_user handyproxy
}

@test "user: useradd's failure is the script's" {
	command -v useradd > /dev/null || skip "useradd is not installed"
	machine unshare --user dash "$add_user" && return 1
	run ! machine id handyproxy
}

# Debian's busybox has neither adduser nor addgroup, so these scripts record
# their calls.
@test "user: busybox' addgroup and adduser" {
	tools=$BATS_TEST_TMPDIR/tools
	mkdir "$tools"
	for tool in grep id sed; do
		ln -s "$(command -v "$tool")" "$tools/$tool"
	done
	for tool in addgroup adduser; do
		# shellcheck disable=SC2016 # for the script
		printf '#!/bin/sh\necho "${0##*/} $*"\n' > "$tools/$tool"
		chmod 755 "$tools/$tool"
	done
	run -0 machine env PATH="$tools" /bin/busybox ash "$add_user"
	[ "${lines[0]}" = "addgroup -S handyproxy" ]
	[[ ${lines[1]} == "adduser -S -D -H -h /nonexistent -s "*"/nologin -G handyproxy -g HandyProxy handyproxy" ]]
	machine sh -c 'echo handyproxy:x:998: >> /etc/group'
	run -0 machine env PATH="$tools" /bin/busybox ash "$add_user"
	[[ ${lines[0]} == adduser* ]]
	rm "$tools"/add*
	run -1 machine env PATH="$tools" /bin/busybox ash "$add_user"
	[[ $output == *"neither useradd nor adduser"* ]]
}

# OpenWrt's functions, as far as add-user calls them.
@test "user: OpenWrt's functions, also for an image that is being built" {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/lib" "$root/etc"
	cat > "$root/lib/functions.sh" <<- 'END'
		user_exists() { grep -qs "^$1:" "$IPKG_INSTROOT/etc/passwd"; }
		group_add_next() { echo "$1:x:32768:" >> "$IPKG_INSTROOT/etc/group"; echo 32768; }
		user_add() { echo "$1:x:32768:$3:$4:$5:$6" >> "$IPKG_INSTROOT/etc/passwd"; }
	END
	for _ in 1 2; do
		run -0 env IPKG_INSTROOT="$root" busybox ash "$add_user"
	done
	run -0 cat "$root/etc/passwd"
	[[ $output =~ ^handyproxy:x:32768:32768:handyproxy:/var/empty:[a-z/]*$ ]]
	[ "$(cat "$root/etc/group")" = handyproxy:x:32768: ]
}

@test "user: an invalid name is refused" {
	for name in '' -x 'a b' '../x' UP; do
		run -2 dash "$add_user" "$name"
	done
}
