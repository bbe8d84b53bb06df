# SPDX-License-Identifier: MIT
# The manual page: that it renders without a complaint, says what the program
# says, and that its examples run.

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load init

setup() {
	page=$repository/src/handyproxy.8
	program=$repository/${BUILD:-build/gcc}
	[[ ${BUILD-} != /* ]] || program=$BUILD
	PATH=$program:$PATH
}

teardown() {
	machine_stop
}

# commands: the commands in the section EXAMPLES.
commands() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$page" | awk '
	    /^\.Bd/ { shown = 1; next }
	    /^\.Ed/ { shown = 0; next }
	    shown { sub(/^\\&/, ""); print }
	    /^\.Dl/ { sub(/^\.Dl /, ""); print }'
}

# Whether the host has these pages itself is not the page's fault.
@test "manual: mandoc finds nothing" {
	command -v mandoc > /dev/null || skip "mandoc is not installed"
	run mandoc -T lint -W style "$page"
	[ "$(grep -Ev 'mandoc\.db|referenced manual not found' <<< "$output")" = "" ]
}

@test "manual: groff finds nothing" {
	command -v groff > /dev/null || skip "groff is not installed"
	for device in utf8 ascii; do
		groff -ww -mdoc -T "$device" "$page" 2>&1 > /dev/null |
		    tee "$BATS_TEST_TMPDIR/warnings"
		[ ! -s "$BATS_TEST_TMPDIR/warnings" ]
	done
}

@test "manual: man shows it" {
	command -v man > /dev/null || skip "man is not installed"
	run -0 env MANWIDTH=80 man --warnings -l "$page"
	[[ $output == *"relay redirected TCP connections"* ]]
}

@test "manual: the options are those of -help, in the synopsis and below" {
	handyproxy -help | awk '/^  -/ { print substr($1, 2) }' |
	    sort > "$BATS_TEST_TMPDIR/help"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/help")" -gt 20 ]
	sed -n '/^\.Sh OPTIONS/,/^\.Sh CONF/p' "$page" |
	    awk '/^\.It Fl/ { print $3 }' | sort |
	    diff "$BATS_TEST_TMPDIR/help" -
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' "$page" |
	    awk '/^\.(Op )?Fl/ { sub(/^\.(Op )?Fl /, "")
		sub(/^version \| help/, "version\nhelp"); sub(/ .*/, ""); print }' |
	    sort | diff "$BATS_TEST_TMPDIR/help" -
}

# paragraph OPTION: the page's text on the option, perhaps together with others.
paragraph() {
	awk -v option="$1" '
	    /^\.It/ && !head { found = 0 }
	    /^\.It/ { head = 1; found = found || $3 == option; next }
	    /^\.El/ { found = 0 }
	    { head = 0 }
	    found' "$page"
}

# Defaults that -help describes in words have other words in the page.
@test "manual: the defaults are those of -help" {
	handyproxy -help | awk '
	    /^  -/ { print line; line = substr($1, 2) }
	    /^        / { sub(/^ +/, " "); line = line $0 }
	    END { print line }' |
	    sed -n 's/ .*(default: \([^ ]*\))$/ \1/p' |
	    grep -v ' off$' > "$BATS_TEST_TMPDIR/defaults"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/defaults")" -ge 16 ]
	while read -r name value; do
		echo "$name $value"
		paragraph "$name" | grep -q default
		paragraph "$name" | grep -qwF -e "$value"
	done < "$BATS_TEST_TMPDIR/defaults"
}

@test "manual: each example of the program is right" {
	conf=$BATS_TEST_TMPDIR/handyproxy.conf
	cp "$repository/scripts/handyproxy.conf" "$conf"
	number=0
	while read -r command; do
		[[ $command == handyproxy* ]] || continue
		echo "$command"
		command=${command//\/etc\/handyproxy\/handyproxy.conf/$conf}
		# shellcheck disable=SC2086 # its words
		run -0 $command -check
		[[ $output == *"configuration ok"* ]]
		number=$((number + 1))
	done < <(commands)
	[ "$number" -eq 4 ]
}

@test "manual: the examples run one after the other" {
	machine_start
	machine_install none
	machine ip link add br-lan type bridge
	machine sh -c 'echo cntlm:x:990:990::/:/bin/false >> /etc/passwd'
	# Rules cannot name users that do not exist.
	if ! machine_has_users; then
		install -m 755 /dev/stdin "$BATS_TEST_TMPDIR/id" <<- 'END'
			#!/bin/sh
			echo 0
		END
		PATH=$BATS_TEST_TMPDIR:$PATH
	fi
	{
		while read -r command; do
			command=${command//\/usr\/local/$prefix}
			case $command in
			# These daemons would go on running, and use the same
			# port.
			handyproxy\ -local-port*)
				echo "$command -daemon -pid-file /run/test/pid"
				# shellcheck disable=SC2016 # for sh
				echo 'kill "$(cat /run/test/pid)"'
				echo 'while [ -s /run/test/pid ]; do sleep 0.1; done'
				;;
			*) echo "$command" ;;
			esac
		done < <(commands)
	} > "$BATS_TEST_TMPDIR/examples"
	cat "$BATS_TEST_TMPDIR/examples"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/examples")" -eq 13 ]
	machine env PATH="$PATH" sh -ex "$BATS_TEST_TMPDIR/examples"
	listens 8443
}
