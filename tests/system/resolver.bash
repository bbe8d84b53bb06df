# SPDX-License-Identifier: MIT
# resolver.bash - a lab whose names come from a hosts file and a name server of
# its own.

load daemon

UPSTREAM_NAME=proxy.lab.test

# No query leaves the lab: the name service reads the lab's own files.
names_up() {
	local file
	lab_up
	export NAMES=$BATS_FILE_TMPDIR/names
	mkdir "$NAMES"
	chmod 755 "$BATS_FILE_TMPDIR" "$NAMES"
	echo 'hosts: files dns' >"$NAMES/nsswitch.conf"
	echo 'nameserver 127.0.0.1' >"$NAMES/resolv.conf"
	# shellcheck disable=SC2119
	hosts_are
	for file in hosts resolv.conf nsswitch.conf; do
		chmod 644 "$NAMES/$file"
		in_router mount --bind "$NAMES/$file" "/etc/$file"
	done
	name_server_says nxdomain
	# libc may ask a resolver on this machine before the name server.
	in_router sh -c 'mkdir -p /run/nscd /run/systemd'
}

# The hosts file: ADDRESS NAME in each argument, and localhost.
# shellcheck disable=SC2120 # without an argument: nobody but localhost
hosts_are() { # LINE...
	printf '%s\n' '127.0.0.1 localhost' "$@" >"$NAMES/hosts"
}

name_server_start() { # [ADDRESS]
	: >"$NAMES/questions"
	lab_start router python3 "$BATS_TEST_DIRNAME/resolver_name_server.py" \
	    "${1-127.0.0.1}" "$NAMES/behaviour" "$NAMES/questions"
	name_server=$!
	wait_until 10 grep -q ready "$NAMES/questions"
}

name_server_end() {
	[ -n "${name_server-}" ] || return 0
	kill "$name_server"
	wait "$name_server" || :
	name_server=
}

name_server_says() { # WORD|ADDRESS...
	printf '%s\n' "$@" >"$NAMES/behaviour.new"
	mv "$NAMES/behaviour.new" "$NAMES/behaviour"
}

# When the name was asked for, in milliseconds, of one type.
question_times() {
	sed -n "s/^\([0-9]*\) 1 $UPSTREAM_NAME$/\1/p" "$NAMES/questions"
}

# The number of queries for the name, of one type.
questions() {
	grep -c "^[0-9]* 1 $UPSTREAM_NAME$" "$NAMES/questions" || :
}

was_asked() { # TIMES
	[ "$(questions)" -ge "$1" ]
}
