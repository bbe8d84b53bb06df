# SPDX-License-Identifier: MIT
# make install and make uninstall, into a staging directory and for real.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

setup() {
	stage=$BATS_TEST_TMPDIR/stage
	program=$repository/${BUILD:-build/gcc}
	[[ ${BUILD-} != /* ]] || program=$BUILD
	umask 077
}

teardown() {
	machine_stop
}

staged() {
	make -s -C "$repository" -f scripts/install.mk BUILD="$program" \
	    DESTDIR="$stage" "$@"
}

# The modes and paths of all files, except the rules and documents, which other
# tests check.
installed() {
	(cd "$stage" && find . -type f -printf '%m %p\n') |
	    grep -v -e '/prerouting\.sh$' -e '/output\.sh$' -e '/common\.sh$' \
		-e '/doc/handyproxy/.*\.md$' -e '/CHANGES$' | sort -k 2
}

conf='644 ./etc/handyproxy/handyproxy.conf'
everywhere='755 ./usr/local/libexec/handyproxy/add-user
644 ./usr/local/libexec/handyproxy/init-functions.sh
755 ./usr/local/sbin/handyproxy
644 ./usr/local/share/doc/handyproxy/handyproxy.conf
644 ./usr/local/share/man/man8/handyproxy.8'

check_installed() {
	local wanted

	wanted=$(printf '%s\n' "$everywhere" "$@" | sort -k 2)
	diff <(installed) <(echo "$wanted")
	run find "$stage" -type d ! -perm 755 ! -path "$stage"
	[ "$output" = "" ]
}

check_uninstalled() {
	staged uninstall
	run find "$stage" -type f -o -iname '*handyproxy*'
	[ "$output" = "" ]
}

@test "install: without an init script in a stage" {
	staged install
	check_installed "$conf"
	check_uninstalled
}

@test "install: for SysV" {
	staged install INIT=sysv
	check_installed "$conf" '755 ./etc/init.d/handyproxy' \
	    '644 ./etc/default/handyproxy'
	check_uninstalled
}

@test "install: for OpenRC" {
	staged install INIT=openrc
	check_installed "$conf" '755 ./etc/init.d/handyproxy' \
	    '644 ./etc/conf.d/handyproxy'
	check_uninstalled
}

@test "install: for procd" {
	staged install INIT=procd
	check_installed '755 ./etc/init.d/handyproxy' \
	    '644 ./etc/config/handyproxy'
	check_uninstalled
}

@test "install: for runit" {
	staged install INIT=runit
	check_installed "$conf" '644 ./etc/sv/handyproxy/conf' \
	    '644 ./etc/sv/handyproxy/settings' \
	    '755 ./etc/sv/handyproxy/run' \
	    '755 ./etc/sv/handyproxy/check' \
	    '755 ./etc/sv/handyproxy/finish' \
	    '755 ./etc/sv/handyproxy/control/h' \
	    '755 ./etc/sv/handyproxy/control/t' \
	    '755 ./etc/sv/handyproxy/log/run'
	check_uninstalled
}

@test "install: an unknown init system changes nothing" {
	run ! staged install INIT=systemd
	[[ $output == *"INIT=systemd: expected sysv, openrc, procd, runit or none"* ]]
	[ ! -e "$stage" ]
}

@test "install: a file that cannot be written makes it fail" {
	mkdir -p "$stage/usr/local/share/man/man8/handyproxy.8.new"
	run ! staged install
}

@test "install: the rules and the documents are where they are looked for" {
	staged install
	for script in "$repository"/iptables/*.sh; do
		cmp "$script" "$stage/usr/local/libexec/handyproxy/${script##*/}"
	done
	for script in prerouting output; do
		[ -x "$stage/usr/local/libexec/handyproxy/$script.sh" ]
		"$stage/usr/local/libexec/handyproxy/$script.sh" --help
	done
	cd "$stage/usr/local/share/doc/handyproxy"
	for document in "$repository"/{README.md,CHANGES,src/doc/*.md}; do
		[ -s "${document##*/}" ]
	done
	run -0 grep -ohE '\]\([a-z./-]+\.md' ./*.md
	[ "${#lines[@]}" -gt 30 ]
	for link in "${lines[@]#*(}"; do
		case $link in
		src/DESIGN.md | tests/README.md) ;;
		*) [ -e "$link" ] ;;
		esac
	done
}

@test "install: files name the places that they were installed to" {
	for init in sysv openrc procd runit; do
		staged install INIT="$init" PREFIX=/usr SYSCONFDIR=/usr/etc
		run grep -rE '/usr/local|[^r]/etc/(sv|.*handyproxy)|=/etc$' \
		    "$stage/usr/etc" "$stage/usr/share/man" \
		    "$stage/usr/libexec/handyproxy/init-functions.sh" \
		    "$stage/usr/libexec/handyproxy/add-user"
		[ "$output" = "" ]
		grep -q '/usr/etc/config/handyproxy' \
		    "$stage/usr/share/man/man8/handyproxy.8"
		grep -q '/etc/cntlm.conf' \
		    "$stage/usr/share/doc/handyproxy/README.md"
		[ "$init" != procd ] || grep -qx confdir=/var/etc/handyproxy \
		    "$stage/usr/etc/init.d/handyproxy"
		staged uninstall PREFIX=/usr SYSCONFDIR=/usr/etc
	done
	grep -q /usr/local "$repository/scripts/init/sysv/handyproxy"
	run find "$stage" -type f
	[ "$output" = "" ]
}

# `user` and then the name: nowhere else is the name the user's.
@test "install: files name the user that was chosen" {
	for init in sysv openrc procd runit; do
		staged install INIT="$init" USER_NAME=_handyproxy
	done
	run grep -rohE '(user|group|userdel|deluser)[ =`]+_?handyproxy' "$stage"
	[ "$(printf '%s\n' "${lines[@]}" | sort -u)" = "$(sort <<- 'END'
		deluser _handyproxy
		group _handyproxy
		user `_handyproxy
		user _handyproxy
		user=_handyproxy
		userdel _handyproxy
	END
	)" ]
	run ! grep _handyproxy \
	    "$stage/usr/local/libexec/handyproxy/init-functions.sh"
	run -0 "$stage/usr/local/libexec/handyproxy/output.sh" --help
	[[ $output == *'the user _handyproxy if it exists'* ]]
	grep 'is the user _handyproxy if it exists' \
	    "$stage/usr/local/share/man/man8/handyproxy.8"
}

@test "install: the configuration has the status address that was chosen" {
	for init in sysv procd; do
		staged install INIT="$init" \
		    STATUS_ADDRESS=/run/handyproxy/handyproxy.sock
	done
	grep -qx 'status-address /run/handyproxy/handyproxy.sock' \
	    "$stage/etc/handyproxy/handyproxy.conf"
	grep -q "^	option status_address '/run/handyproxy/handyproxy.sock'$" \
	    "$stage/etc/config/handyproxy"
	"${HANDYPROXY:-$program/handyproxy}" -config "$stage/etc/handyproxy/handyproxy.conf" -check
}

@test "install: what the administrator has edited is never overwritten or removed" {
	staged install INIT=sysv
	echo 'local-port 8444' > "$stage/etc/handyproxy/handyproxy.conf"
	echo 'local-port 8445' > "$stage/etc/handyproxy/guests.conf"
	echo 'RULES=output' > "$stage/etc/default/handyproxy"
	staged install INIT=sysv
	[ "$(cat "$stage/etc/handyproxy/handyproxy.conf")" = 'local-port 8444' ]
	[ "$(cat "$stage/etc/default/handyproxy")" = 'RULES=output' ]
	grep -q '^local-port 8443$' \
	    "$stage/usr/local/share/doc/handyproxy/handyproxy.conf"
	staged uninstall
	run find "$stage" -type f
	[ "${#lines[@]}" -eq 3 ]
}

@test "install: uninstall leaves another program's init script alone" {
	staged install INIT=sysv PREFIX=/usr
	staged install INIT=none
	staged uninstall
	[ -x "$stage/etc/init.d/handyproxy" ]
	[ -x "$stage/usr/sbin/handyproxy" ]
	[ ! -e "$stage/usr/local/sbin/handyproxy" ]
}

@test "install: the example configuration starts as it is, on port 8443" {
	machine_start
	machine_install sysv
	machine cmp /etc/handyproxy/handyproxy.conf \
	    "$prefix/share/doc/handyproxy/handyproxy.conf"
	machine /etc/init.d/handyproxy start
	listens 8443
}

@test "install: the example configuration shows every option with its default" {
	conf=$BATS_TEST_TMPDIR/handyproxy.conf
	sed 's/^#\([a-z]\)/\1/' "$repository/scripts/handyproxy.conf" > "$conf"
	# This host may not have the user, the directory and the credentials.
	sed -e '/^user /d' -e '/^group /d' -e '/^upstream-credentials /d' \
	    -e "s,^chroot .*,chroot /," "$conf" > "$conf.here"
	run -0 "$program/handyproxy" -check -config "$conf.here"
	[[ $output == *"configuration ok"* ]]

	# Options of a single call cannot be in a file, and some defaults are
	# words, not values.
	of_call='daemon|pid-file|config|check|print|top|version|help'
	in_words='route|upstream-credentials|connect-header|workers|max-connections'
	in_words="$in_words|max-per-client|user|group|chroot|log-to|status-address"
	"$program/handyproxy" -help | awk '
	    /^  -/ { print line; line = substr($1, 2) " " }
	    /^        / { sub(/^ +/, " "); line = line $0 }
	    END { print line }' | sed -nE -e "/^($of_call) /d" \
	    -e "s/^($in_words) .*/\1/p;t" -e 's/ .*\(default: (.*)\)$/ \1/p' \
	    > "$conf.help"
	[ "$(wc -l < "$conf.help")" -ge 21 ]
	sed -E -e '/^(#|$)/d' -e "s/^($in_words) .*/\1/" "$conf" |
	    diff "$conf.help" -
}
