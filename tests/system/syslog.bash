# SPDX-License-Identifier: MIT
# syslog.bash - a lab whose router has a /dev of its own, and a syslog daemon
# there.

# shellcheck disable=SC2154 # the tests set daemon_log
load daemon

# What else is mounted in /dev is seen in /run/dev.
syslog_lab_up() {
	lab_up
	# shellcheck disable=SC2016 # for the inner shell
	in_router sh -e -c '
		mkdir /run/dev
		mount --rbind /dev /run/dev
		mount -t tmpfs -o mode=755 tmpfs /dev
		for name in null zero urandom tty; do
			: >/dev/$name
			mount --bind /run/dev/$name /dev/$name
		done
		ln -s /proc/self/fd /dev/fd'
}

# $daemon_log has the datagrams, one a line. A deaf daemon reads them only from
# SIGUSR1 on.
syslog_start() { # [deaf]
	lab_start router python3 "$BATS_TEST_DIRNAME/log_devlog.py" /dev/log "$daemon_log" "$@"
	syslog=$!
	wait_until 10 in_router test -S /dev/log
}

syslog_end() {
	[ -n "${syslog-}" ] || return 0
	kill "$syslog"
	wait "$syslog" || :
	syslog=
	in_router rm -f /dev/log
}
