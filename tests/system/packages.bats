# SPDX-License-Identifier: MIT
# The recipes for OpenWrt, Alpine and Void. Their build systems are not here:
# package_systems stands in for them, runs the recipes' steps for real, and fails
# at what the real ones do not have.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

setup() {
	recipes=$repository/scripts/package
	systems=$BATS_TEST_DIRNAME/package_systems
	version=$(sed -n 's/^VERSION = //p' "$repository/GNUmakefile")
	files=$BATS_TEST_TMPDIR/files
	unset CC CPPFLAGS CFLAGS LDFLAGS LDLIBS STATIC SANITIZE COVERAGE BUILD \
	    WERROR PREFIX SYSCONFDIR INIT USER_NAME V
}

teardown() {
	machine_stop
}

# As `make dist` makes it, of the working tree.
make_archive() {
	archive=$BATS_TEST_TMPDIR/handyproxy-$version.tar.gz
	tar -C "$repository" -c --exclude=__pycache__ -zf "$archive" \
	    --transform "s,^,handyproxy-$version/," GNUmakefile README.md \
	    CHANGES src tests scripts iptables
}

# The modes and names of a package's files but the documents, and of its empty
# directories.
listing() {
	(cd "$1" && find . ! -name '*.md' \( ! -type d -o -empty \) \
	    -printf '%m %P\n' | sort -k 2)
}

has_documents() { # FOLDER
	diff <(cd "$1" && basename -a ./*.md | sort) \
	    <(cd "$repository" && basename -a README.md src/doc/*.md | sort)
}

@test "packages: the recipes are of the program's version" {
	run -0 sed -nE 's/^(PKG_VERSION:|pkgver|version)=(.*)/\2/p' \
	    "$recipes/openwrt/handyproxy/Makefile" "$recipes/alpine/APKBUILD" \
	    "$recipes/void/template"
	[ "$(uniq -c <<< "$output" | xargs)" = "3 $version" ]
	[[ $(sed 1q "$recipes/debian/changelog") == "handyproxy ($version-"*') '* ]]
}

@test "packages: shellcheck finds nothing" {
	command -v shellcheck > /dev/null || skip "shellcheck is not installed"
	shellcheck "$recipes/alpine/APKBUILD" "$recipes/void/template" \
	    "$recipes/alpine/handyproxy.pre-install" \
	    "$recipes/openwrt/handyproxy/test.sh"
}

openwrt_build() {
	make -C "$1" --warn-undefined-variables TOPDIR="$systems/openwrt" \
	    BUILD_DIR="$BATS_TEST_TMPDIR/build" ROOT="$files" MAKEFLAGS= 2>&1
}

@test "packages: OpenWrt: the package's files, and its own test" {
	run -0 openwrt_build "$recipes/openwrt/handyproxy"
	run ! grep 'undefined variable' <<< "$output"
	listing "$files" | diff - <(cat <<- 'END'
		644 etc/config/handyproxy
		755 etc/init.d/handyproxy
		755 usr/libexec/handyproxy/add-user
		644 usr/libexec/handyproxy/common.sh
		644 usr/libexec/handyproxy/init-functions.sh
		755 usr/libexec/handyproxy/output.sh
		755 usr/libexec/handyproxy/prerouting.sh
		755 usr/sbin/handyproxy
	END
	)
	run ! grep -r /usr/local "$files/etc" "$files/usr/libexec"
	# OpenWrt starts what it installs.
	grep "option enabled '0'" "$files/etc/config/handyproxy"
	machine_start "$files"
	run -0 machine dash "$recipes/openwrt/handyproxy/test.sh" handyproxy \
	    "$version"
	run ! machine dash "$recipes/openwrt/handyproxy/test.sh" handyproxy 0.1
}

# What stands in for OpenWrt sees mistakes. The program is a small one.
# shellcheck disable=SC2016 # make's
@test "packages: OpenWrt: an unknown helper and a missing file are noticed" {
	local tree=$BATS_TEST_TMPDIR/tree

	mkdir -p "$tree/a/b/c/handyproxy" "$tree/src"
	cp -R "$repository"/{GNUmakefile,README.md,CHANGES,scripts,iptables} "$tree"
	cp "$repository/src/handyproxy.8" "$tree/src"
	echo 'int main(void) { return 0; }' > "$tree/src/main.c"
	for change in 's/\$(CP)/$(INSTALL_TREE)/' 's,^/etc/config/.*,/etc/none,' \
	    's/(INCLUDE_DIR)/(INCLUDES_DIR)/' 's/INIT=procd/INIT=none/'; do
		sed "$change" "$recipes/openwrt/handyproxy/Makefile" \
		    > "$tree/a/b/c/handyproxy/Makefile"
		rm -rf "$files"
		run openwrt_build "$tree/a/b/c/handyproxy"
		echo "$change: $output"
		[ "$status" -ne 0 ] || [[ $output == *'undefined variable'* ]]
	done
}

@test "packages: Alpine: the files of the package, its -doc and its -openrc" {
	make_archive
	"$systems/abuild" "$recipes/alpine/APKBUILD" "$archive" "$files"
	listing "$files/handyproxy" | diff - <(cat <<- 'END'
		644 etc/handyproxy/handyproxy.conf
		644 etc/logrotate.d/handyproxy
		755 usr/libexec/handyproxy/add-user
		644 usr/libexec/handyproxy/common.sh
		644 usr/libexec/handyproxy/init-functions.sh
		755 usr/libexec/handyproxy/output.sh
		755 usr/libexec/handyproxy/prerouting.sh
		755 usr/sbin/handyproxy
		750 var/log/handyproxy
	END
	)
	listing "$files/handyproxy-openrc" | diff - <(cat <<- 'END'
		644 etc/conf.d/handyproxy
		755 etc/init.d/handyproxy
	END
	)
	listing "$files/handyproxy-doc" | diff - <(cat <<- 'END'
		644 usr/share/doc/handyproxy/CHANGES
		644 usr/share/doc/handyproxy/handyproxy.conf
		644 usr/share/man/man8/handyproxy.8
	END
	)
	has_documents "$files/handyproxy-doc/usr/share/doc/handyproxy"
	run ! grep -r /usr/local "$files/handyproxy/etc" \
	    "$files"/handyproxy-*/ "$files/handyproxy/usr/libexec"
}

# shellcheck disable=SC2016 # for the shell in there
@test "packages: Alpine: the user is made, and may exist already" {
	local tools=$BATS_TEST_TMPDIR/tools

	mkdir "$tools"
	for tool in addgroup adduser; do
		printf '#!/bin/sh\necho "%s $*" >&3; exit 1\n' "$tool" > "$tools/$tool"
		chmod 755 "$tools/$tool"
	done
	run -0 sh -c 'PATH=$1 exec 3>&1; exec "$2" "$3"' sh "$tools:$PATH" \
	    "$(command -v dash)" "$recipes/alpine/handyproxy.pre-install"
	[ "${lines[0]}" = 'addgroup -S handyproxy' ]
	[ "${lines[1]}" = 'adduser -S -D -H -h /var/empty -s /sbin/nologin -G handyproxy -g handyproxy handyproxy' ]
}

# recipe_fails STAND_IN FOLDER FILE: with each change on standard input.
recipe_fails() {
	local change

	make_archive
	mkdir -p "$BATS_TEST_TMPDIR/recipe"
	cp -R "$2"/. "$BATS_TEST_TMPDIR/recipe"
	while read -r change; do
		sed "$change" "$2/$3" > "$BATS_TEST_TMPDIR/recipe/$3"
		rm -rf "$files"
		# What a step calls is known without a build.
		if output=$("$systems/$1" "$BATS_TEST_TMPDIR/recipe/$3" "$archive" \
		    "$files" 2>&1); then
			echo "$change is not noticed: $output"
			return 1
		fi
		echo "$change: $output"
		grep -E 'command not found|no such|no user|there is no|No rule' <<< "$output"
	done
}

@test "packages: Alpine: unknown helpers, variables and users are noticed" {
	recipe_fails abuild "$recipes/alpine" APKBUILD <<- 'END'
		s/make PREFIX=/amake PREFIX=/
		s/^makedepends/make_depends/
		s/^	make PREFIX.*/	:/;s/-o handyproxy/-o proxy/;s/^	make install.*/	:/
	END
}

@test "packages: Void: the package's files, and its user's name" {
	make_archive
	mkdir "$files"
	"$systems/xbps-src" "$recipes/void/template" "$archive" "$files"
	listing "$files" | diff - <(cat <<- 'END'
		644 etc/handyproxy/handyproxy.conf
		644 etc/logrotate.d/handyproxy
		755 etc/sv/handyproxy/check
		644 etc/sv/handyproxy/conf
		755 etc/sv/handyproxy/control/h
		755 etc/sv/handyproxy/control/t
		755 etc/sv/handyproxy/finish
		755 etc/sv/handyproxy/log/run
		755 etc/sv/handyproxy/run
		644 etc/sv/handyproxy/settings
		755 usr/libexec/handyproxy/add-user
		644 usr/libexec/handyproxy/common.sh
		644 usr/libexec/handyproxy/init-functions.sh
		755 usr/libexec/handyproxy/output.sh
		755 usr/libexec/handyproxy/prerouting.sh
		755 usr/sbin/handyproxy
		644 usr/share/doc/handyproxy/CHANGES
		644 usr/share/doc/handyproxy/handyproxy.conf
		644 usr/share/licenses/handyproxy/LICENSE
		644 usr/share/man/man8/handyproxy.8
		750 var/log/handyproxy
	END
	)
	run ! grep -r /usr/local "$files/etc" "$files/usr/share" "$files/usr/libexec"
	has_documents "$files/usr/share/doc/handyproxy"
	run -0 "$files/usr/sbin/handyproxy" -help
	[[ $output == *'(default: _handyproxy if'* ]]
	grep -x default_user=_handyproxy "$files/usr/libexec/handyproxy/output.sh"
	grep 'su _handyproxy _handyproxy' "$files/etc/logrotate.d/handyproxy"
	grep 'OTHER DEALINGS' "$files/usr/share/licenses/handyproxy/LICENSE"

	# The daemon becomes that user.
	[ "$(id -u)" -eq 0 ] || return 0
	machine_start "$files"
	machine sh -c 'sed s/^nobody:x:65534/_handyproxy:x:61002/ /etc/passwd |
	    grep ^_handyproxy >> /etc/passwd; mkdir -p /etc/handyproxy'
	configure handyproxy 8443
	machine handyproxy -daemon -pid-file /run/test/pid \
	    -config /etc/handyproxy/handyproxy.conf
	[ "$(machine stat -c %u "/proc/$(machine cat /run/test/pid)")" = 61002 ]
}

@test "packages: Void: unknown helpers and variables are noticed" {
	recipe_fails xbps-src "$recipes/void" template <<- 'END'
		s/^make_build_args/make_args/
		s/check-unit/check-units/;s/^make_build_args.*/make_build_args=-n/
	END
}

# shellcheck disable=SC2016 # for the shell in there
@test "packages: logrotate accepts its file, and the daemon opens a new log" {
	command -v logrotate > /dev/null || skip "logrotate is not installed"
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	install -D -m 644 "$repository/scripts/init/functions.sh" \
	    "$files/usr/libexec/handyproxy/init-functions.sh"
	machine_start "$files"
	machine sh -c 'grep -q ^handyproxy: /etc/passwd || {
	    echo handyproxy:x:61002:61002::/:/bin/false >> /etc/passwd
	    echo handyproxy:x:61002: >> /etc/group; }
	    mount -t tmpfs tmpfs /var/log
	    install -d -o handyproxy -g adm -m 2750 /var/log/handyproxy
	    mkdir -p /etc/handyproxy /run/handyproxy
	    sleep 3600 > /dev/null 2>&1 3>&- &
	    echo $! > /run/handyproxy/crashed.pid'
	configure handyproxy 8443 'log-to /var/log/handyproxy/handyproxy.log'
	machine "${HANDYPROXY:-$repository/build/gcc/handyproxy}" -daemon \
	    -pid-file /run/handyproxy/handyproxy.pid \
	    -config /etc/handyproxy/handyproxy.conf
	wait_until 60 machine test -s /var/log/handyproxy/handyproxy.log
	machine cp "$recipes/logrotate" /etc/logrotate.d/handyproxy
	machine logrotate --force --state /run/test/state /etc/logrotate.d/handyproxy
	machine test -s /var/log/handyproxy/handyproxy.log.1
	wait_until 60 machine grep 'configuration read again' \
	    /var/log/handyproxy/handyproxy.log /var/log/handyproxy/handyproxy.log.1
	wait_until 60 machine test -e /var/log/handyproxy/handyproxy.log
	[ "$(machine stat -c '%U %a' /var/log/handyproxy/handyproxy.log)" = 'handyproxy 640' ]
	# A daemon that crashed left its pid file; another process has that pid now.
	machine sh -c 'kill -s 0 "$(cat /run/handyproxy/crashed.pid)"'
}
