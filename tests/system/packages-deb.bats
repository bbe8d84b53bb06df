# SPDX-License-Identifier: MIT
# The Debian package: built once by make deb, unpacked, and started as the units
# say. tests/deb installs, upgrades and purges it for real.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

# In a copy, without the unit tests, which others have run.
setup_file() {
	local copy=$BATS_FILE_TMPDIR/copy tool

	for tool in dpkg-buildpackage dh; do
		command -v "$tool" > /dev/null || {
			export lacking=$tool
			return 0
		}
	done
	mkdir "$copy"
	tar -C "$repository" -c --exclude=__pycache__ GNUmakefile README.md \
	    CHANGES src tests scripts iptables | tar -C "$copy" -x
	DEB_BUILD_OPTIONS='nocheck parallel=2' make -s -C "$copy" deb \
	    DEB_BUILD=--no-check-builddeps CC=false PREFIX=/opt > "$BATS_FILE_TMPDIR/log" 2>&1 || {
		tail -n 30 "$BATS_FILE_TMPDIR/log"
		return 1
	}
	export package_root=$BATS_FILE_TMPDIR/root
	dpkg-deb --extract "$copy"/build/deb/handyproxy_*.deb "$package_root"
	dpkg-deb --control "$copy"/build/deb/handyproxy_*.deb \
	    "$BATS_FILE_TMPDIR/control"
}

setup() {
	[ -z "${lacking-}" ] || skip "$lacking is not installed"
}

teardown() {
	machine_stop
}

@test "deb: lintian finds nothing above info" {
	command -v lintian > /dev/null || skip "lintian is not installed"
	run -0 lintian --allow-root --info --display-info --pedantic \
	    --fail-on error,warning "$BATS_FILE_TMPDIR"/copy/build/deb/*.changes
	echo "$output"
	run ! grep '^[EW]:' <<< "$output"
}

# shellcheck disable=SC2016 # for the shell in there
@test "deb: its files are where Debian's policy wants them, with their modes" {
	run -0 sh -c 'cd "$1" && find . ! -type d ! -name "*.md" \
	    -printf "%m %P\n" | sort -k 2' sh "$package_root"
	diff - <(echo "$output") <<- 'END'
		644 etc/default/handyproxy
		644 etc/handyproxy/handyproxy.conf
		755 etc/init.d/handyproxy
		644 etc/logrotate.d/handyproxy
		644 lib/systemd/system/handyproxy.service
		644 lib/systemd/system/handyproxy@.service
		755 usr/libexec/handyproxy/add-user
		644 usr/libexec/handyproxy/common.sh
		644 usr/libexec/handyproxy/init-functions.sh
		755 usr/libexec/handyproxy/output.sh
		755 usr/libexec/handyproxy/prerouting.sh
		755 usr/libexec/handyproxy/systemd-action
		755 usr/sbin/handyproxy
		644 usr/share/doc/handyproxy/changelog.Debian.gz
		644 usr/share/doc/handyproxy/changelog.gz
		644 usr/share/doc/handyproxy/copyright
		644 usr/share/doc/handyproxy/handyproxy.conf
		644 usr/share/lintian/overrides/handyproxy
		644 usr/share/man/man8/handyproxy.8.gz
	END
	diff <(cd "$package_root/usr/share/doc/handyproxy" && basename -a ./*.md) \
	    <(cd "$repository" && basename -a README.md src/doc/*.md)
	run ! grep -rI /usr/local "$package_root"
	run ! zgrep /usr/local "$package_root/usr/share/man/man8/handyproxy.8.gz"
	sort "$BATS_FILE_TMPDIR/control/conffiles" | diff - <(find \
	    "$package_root/etc" -type f -printf '/etc/%P\n' | sort)
	diff <(zcat "$package_root/usr/share/doc/handyproxy/changelog.gz") \
	    "$repository/CHANGES"
}

@test "deb: the licence of README is the copyright file's" {
	text() {
		sed -n '/^ *Permission is/,$p' "$1" | sed -e 's/^ \.$//' -e 's/^ //' |
		    tr -s ' \n' ' '
	}
	[ -n "$(text "$repository/README.md")" ]
	diff <(text "$package_root/usr/share/doc/handyproxy/copyright") \
	    <(text "$repository/README.md")
}

# make's CC and PREFIX did not reach dpkg's build.
@test "deb: the program is hardened, as dpkg's flags want it" {
	run -0 readelf -Wdl "$package_root/usr/sbin/handyproxy"
	[[ $output == *BIND_NOW* && $output == *GNU_RELRO* ]]
	[[ $(readelf -h "$package_root/usr/sbin/handyproxy") == *'DYN (Pos'* ]]
}

# machine_with_package [NAME [PEER...]]: a machine that has the package, with an
# instance of that name.
machine_with_package() {
	machine_start "$package_root" "${@:2}"
	machine cp -a "$package_root/etc/." /etc
	configure "${1-handyproxy}" 8443 'upstream-proxy 192.0.2.2:3128'
}

# unit KEY: runs what the unit's lines say for it.
unit() {
	local command

	while read -r command; do
		# shellcheck disable=SC2086 # words
		machine $command || return
	done < <(sed -n "s/^$1=//p" "$unit" | sed "s/%i/$instance/g")
}

has_rules() {
	machine nft list ruleset | grep -qi handyproxy
}

# The life of the instance that the unit file is for.
life_by_unit() {
	local pid

	machine_with_package "$instance"
	echo 'RULES="output --ports 80"' |
	    machine tee "/etc/default/$settings_name" > /dev/null
	! grep -q '^RuntimeDirectory=handyproxy$' "$unit" ||
	    machine mkdir /run/handyproxy
	for key in ExecStartPre ExecStart ExecStartPost; do
		unit "$key"
	done
	listens 8443
	has_rules
	pid=$(machine cat "$(sed -n 's/^PIDFile=//p' "$unit" |
	    sed "s/%i/$instance/")")
	machine kill -s 0 "$pid"

	machine sed -i s/80/8080/ "/etc/default/$settings_name"
	unit ExecReload
	machine nft list ruleset | grep 8080
	configure "$instance" 8443 'idle-timeout fortnight'
	run ! unit ExecReload
	machine kill -s 0 "$pid"

	unit ExecStop
	wait_until 60 machine test ! -e "/proc/$pid"
	unit ExecStopPost
	run ! has_rules
	run ! unit ExecStartPre
}

@test "deb: the systemd unit's commands start, reload and stop the daemon" {
	unit=$package_root/lib/systemd/system/handyproxy.service
	instance=handyproxy settings_name=handyproxy life_by_unit
}

@test "deb: so do those of the unit of another instance" {
	unit=$package_root/lib/systemd/system/handyproxy@.service
	instance=guests settings_name=handyproxy.guests life_by_unit
}

@test "deb: rules of a daemon that died are taken down by the unit" {
	unit=$package_root/lib/systemd/system/handyproxy.service
	instance=handyproxy
	machine_with_package
	echo 'RULES="output --ports 80"' |
	    machine tee /etc/default/handyproxy > /dev/null
	machine mkdir /run/handyproxy
	for key in ExecStart ExecStartPost; do
		unit "$key"
	done
	has_rules
	machine kill -s KILL "$(daemon_pid)"
	wait_until 60 is_free 8443
	unit ExecStopPost
	run ! has_rules
}

@test "deb: a daemon that hangs is killed by the unit's stop" {
	unit=$package_root/lib/systemd/system/handyproxy.service
	instance=handyproxy
	machine_with_package
	configure handyproxy 8443 'drain-timeout 0'
	machine mkdir /run/handyproxy
	unit ExecStart
	pid=$(daemon_pid)
	machine kill -s STOP "$pid"
	unit ExecStop
	wait_until 60 machine test ! -e "/proc/$pid"
}

@test "deb: systemd accepts the units" {
	command -v systemd-analyze > /dev/null ||
	    skip "systemd-analyze is not installed"
	machine_with_package
	run -0 machine systemd-analyze verify --man=no \
	    /lib/systemd/system/handyproxy.service
	echo "$output"
	[ -z "$output" ]
}

@test "deb: the init script of the package starts the daemon" {
	machine_with_package
	machine mkdir -p /run/handyproxy
	machine /etc/init.d/handyproxy start
	listens 8443
	machine /etc/init.d/handyproxy stop
	is_free 8443
}

# Policies forbid every action of an init script in containers.
@test "deb: a removal takes the rules down, also where policy-rc.d keeps the daemon" {
	local stub=$BATS_TEST_TMPDIR/stub policy=/usr/sbin/policy-rc.d

	mkdir -p "$stub/usr/sbin"
	printf '#!/bin/sh\necho "$*" >> /run/test/policy\nexit 101\n' > "$stub$policy"
	chmod 755 "$stub$policy"
	machine_with_package guests "$stub"
	[ ! -e "$policy" ] || machine mount --bind "$stub$policy" "$policy"
	echo 'RULES="output --ports 80"' |
	    machine tee /etc/default/handyproxy.guests > /dev/null
	machine /etc/init.d/handyproxy start guests
	has_rules
	machine "$BATS_FILE_TMPDIR/control/prerm" remove
	machine grep '^handyproxy stop' /run/test/policy
	listens 8443
	run ! has_rules
}

# machine_with_systemd: a machine that has the package, and a systemctl that only
# records how it is called.
machine_with_systemd() {
	local stub=$BATS_TEST_TMPDIR/stub systemctl=/usr/bin/systemctl

	mkdir -p "$stub/usr/bin"
	printf '#!/bin/sh\necho "$*" >> /run/test/systemctl\n' > "$stub$systemctl"
	chmod 755 "$stub$systemctl"
	machine_with_package handyproxy "$stub"
	[ ! -e "$systemctl" ] ||
	    machine mount --bind "$stub$systemctl" "$(readlink -f "$systemctl")"
	machine mkdir -p /run/systemd/system
}

# The scripts that debhelper has completed, as dpkg calls them.
@test "deb: under systemd an upgrade restarts the units that run, and stops none" {
	machine_with_systemd
	machine_has_users || skip 'a user namespace made without help has one user only'
	machine mount -t tmpfs tmpfs /var
	machine mkdir -p /var/log /var/lib /etc/rc{0,1,2,3,4,5,6,S}.d
	[ ! -e /usr/sbin/policy-rc.d ] ||
	    machine mount --bind /bin/true /usr/sbin/policy-rc.d
	machine "$BATS_FILE_TMPDIR/control/preinst" upgrade 1.0
	machine "$BATS_FILE_TMPDIR/control/postinst" configure 1.0
	run ! machine grep -E '(^| )(stop|start|restart) ' /run/test/systemctl
	run -0 machine grep -E '^(--system daemon-reload|try-restart .*)$' /run/test/systemctl
	diff - <(echo "$output") <<- 'END'
		--system daemon-reload
		try-restart handyproxy.service
		try-restart handyproxy@*.service
	END
}

# Under systemd LSB's functions run systemctl instead, which knows no instance.
@test "deb: under systemd the init script is the unit's, but for an instance" {
	[ -e /lib/lsb/init-functions.d/40-systemd ] ||
	    skip "LSB's functions do not know systemd here"
	machine_with_systemd
	machine /etc/init.d/handyproxy start
	machine grep 'start handyproxy.service' /run/test/systemctl
	is_free 8443
	machine rm /run/test/systemctl
	machine /etc/init.d/handyproxy start handyproxy
	listens 8443
	run ! machine grep start /run/test/systemctl
}
