# SPDX-License-Identifier: MIT
# The configuration file: its grammar, its error messages with their line
# numbers, and that the command line overrides it.

load daemon

setup_file() {
	lab_up
}

teardown_file() {
	lab_down
}

setup() {
	file=$BATS_TEST_TMPDIR/handyproxy.conf
}

teardown() {
	handyproxy_test_end
}

check() { # STATUS ARGUMENT...
	assert_status "$1" "$HANDYPROXY" "${@:2}" -config "$file" -check
}

# A file with exactly this text is accepted.
takes() { # TEXT
	printf %s "$1" >"$file"
	check 0
	assert_equal "$output" 'configuration ok'
}

# A file with this line is refused; one line of output says why.
refuses() { # LINE TEXT SAID...
	printf %s "$2" >"$file"
	check 2
	assert_one_line_says "$file:$1: " "${@:3}"
}

@test "each option may be in the file" {
	takes '
local-port 8043
local-address 127.0.0.1
upstream-proxy proxy.local:8080
dial-timeout 25s
response-timeout 25s
sniff-timeout 2s
sniff-max-bytes 16384
sniff-tls-ports 443,8443
sniff-http-ports none
half-close hold
idle-timeout 0
half-closed-timeout 1m30s
drain-timeout 0
workers 3
max-connections 1000
group nogroup
chroot /
sandbox off
log-to syslog
log-format json
log-level info
status-address 127.0.0.1:9090
daemon
pid-file /run/handyproxy.pid
'
}

@test "blanks, comments and line ends of any kind are accepted" {
	takes ''
	takes $'\n\n'
	takes '# nothing but a comment, without a line end'
	takes $'# comment\n   # another\n\t\n#\n##\nworkers 3 # behind a value\nworkers 3# and close to it\n'
	takes $'workers\t3\n  workers   3  \n\tworkers 3\t\n'
	takes $'workers 3\r\nlocal-port 8043 # comment\r\n\r\ndaemon\r\n'
	takes 'workers 3'
	takes $'daemon\ndaemon true\ndaemon false\ndaemon # comment\n'
	takes "# $(printf 'long %.0s' {1..500})"
}

@test "a byte-order mark in front of the first line is skipped" {
	takes $'\xef\xbb\xbfworkers 3\nlocal-port 80\n'
	takes $'\xef\xbb\xbf# comment\n'
	refuses 2 $'workers 3\n\xef\xbb\xbfworkers 2\n' 'unknown option "\xef\xbb\xbfworkers"'
}

@test "settings in the file take effect" {
	daemon_port=$(free_port)
	cat >"$file" <<-END
		# The port is
		local-port $daemon_port  # this one
		workers 3
	END
	chmod 644 "$file"
	daemon_log=$BATS_TEST_TMPDIR/log
	lab_start router "$HANDYPROXY" -config "$file" -upstream-proxy "$NOBODYS_UPSTREAM" \
	    </dev/null 2>"$daemon_log"
	master=$!
	wait_until 10 is_bound "$daemon_port"
	wait_until 10 handyproxy_is_up -workers 3
}

@test "the command line wins, wherever -config stands" {
	daemon_port=$(free_port)
	printf '%s\n' 'local-port 1' 'workers 5' 'daemon' 'drain-timeout 1h' >"$file"
	chmod 644 "$file"
	for order in 1 2; do
		if [ "$order" = 1 ]; then
			handyproxy_start -config "$file" -workers 3 -daemon=false
		else
			handyproxy_start -daemon=false -workers 3 -config "$file"
		fi
		is_bound "$daemon_port"
		assert_equal "$(worker_count)" 3
		handyproxy_end
	done
}

@test "a mistake on the command line is reported before a mistake in the file" {
	echo 'workers none' >"$file"
	check 2 -local-port none
	assert_one_line_says '-local-port "none"'
	check 2 -local-port 80
	assert_one_line_says "$file:1: " 'workers "none"'
}

@test "a value that is wrong is named with its file and line" {
	refuses 1 'workers none' 'workers "none": expected a number'
	refuses 3 $'# one\n\nlocal-port 70000\nworkers none\n' 'local-port "70000": expected a port'
	refuses 2 $'workers 2\r\nhalf-close drop\r\n' 'half-close "drop": expected forward or hold'
	refuses 1 'workers 2 3' 'workers "2 3": expected a number'
	refuses 1 'daemon maybe' 'daemon "maybe": expected true or false'
	refuses 1 $'workers 2\x01' 'workers "2\x01": expected a number'
}

@test "a user or group that does not exist is named with its file and line" {
	[ "$(id -u)" -eq 0 ] || skip "-user is for root"
	printf 'local-port 8043\n\nuser no-such-user\n' >"$file"
	check 1
	assert_one_line_says "$file:3: user no-such-user: no such user"
	printf 'group no-such-group\n' >"$file"
	check 1
	assert_one_line_says "$file:1: group no-such-group: no such group"
	check 1 -group none-either
	assert_one_line_says '-group none-either: no such group'
}

@test "a value that is missing is named with what is expected" {
	for option in local-port user chroot log-to; do
		refuses 2 $'workers 2\n'"$option" "$option" 'value is missing' expected
		refuses 1 "$option # comment" "$option" 'value is missing' expected
	done
}

@test "a name that is unknown is an error" {
	for name in port local_port Workers -workers --workers workers=2 'local-port=8043' $'\xef\xbb\xbfworkers'; do
		refuses 2 $'# first\n'"$name 2" 'unknown option "' expected
	done
	refuses 1 '}' 'unknown option "}"'
	refuses 1 $'\e[31m' 'unknown option "\x1b[31m"'
}

@test "config, check, top, version and help cannot be set in the file" {
	for option in 'config /etc/passwd' check 'check false' 'print workers' top version help; do
		refuses 2 "workers 2
$option" "${option%% *}: not possible in a file"
	done
}

@test "a line of any length is accepted, or refused with its number" {
	local long
	long=$(printf 'a%.0s' {1..3000})
	refuses 2 $'workers 2\nworkers '"$long" 'workers "aaaa' 'expected a number'
	refuses 2 $'workers 2\nuser '"$long$long$long"
	refuses 2 $'workers 2\n'"$long$long$long"
	[ "${#errors}" -lt 2000 ]
}

@test "a file with a zero byte in it is refused, not read in part" {
	for end in '\n' ''; do
		printf 'workers 2\nworkers 3\0none%b' "$end" >"$file"
		check 2
		assert_one_line_says "$file:2: "
	done
}

@test "a file that does not exist or is no file is named with the cause" {
	check 2
	assert_one_line_says "-config" "$file" 'No such file or directory'
	mkdir "$file"
	check 2
	assert_one_line_says "-config" "$file" 'Is a directory'
}

@test "a relative path is taken from where the program was started" {
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	echo 'workers none' >a.conf
	assert_status 2 "$HANDYPROXY" -check -config a.conf
	assert_one_line_says "$PWD/a.conf:1: "
	assert_status 2 "$HANDYPROXY" -check -config ../here/a.conf
	assert_one_line_says 'here/a.conf:1: '
}

@test "a file that the daemon's user cannot read is a warning at -check and at the start" {
	has_many_users || skip 'there is only one user'
	echo 'workers 2' >"$file"
	chmod 600 "$file"
	check 0 -user nobody
	assert_equal "$output" 'configuration ok'
	[[ $errors == *"-config $file"*"not readable by -user"* ]]
	[[ $errors == *'cause="Permission denied"'* ]]
	handyproxy_start -user nobody -config "$file"
	assert_log "warning master: -config $file: not readable by -user.* cause=\"Permission denied\""
}

@test "a file that the daemon's user can read is no warning" {
	has_many_users || skip 'there is only one user'
	in_router sh -c 'echo "workers 2" >/run/handyproxy.conf; chmod 644 /run/handyproxy.conf'
	assert_status 0 in_router "$HANDYPROXY" -check -user nobody -config /run/handyproxy.conf
	assert_equal "$errors" ''
}
