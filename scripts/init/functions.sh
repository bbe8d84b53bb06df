# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # the script that sources this sets them
# Functions shared by the init scripts, which source this file with these set:
#   daemon       the program
#   libexecdir   the directory of prerouting.sh and output.sh
#   rundir       the directory of the pid files
#   RULES        the rules of the instance, one script with its options a line:
#                    prerouting --interface br-lan --ports 80,443
#                    output
#                each script once, as a second "up" replaces the first's rules
#   settings     the file that RULES are in

# handyproxy_option FILE NAME: the value of the option NAME with the configuration
# file FILE, as the daemon reads it. Fails if the file is wrong.
handyproxy_option() {
	"$daemon" -config "$1" -print "$2"
}

# handyproxy_kill_time FILE: the seconds that a stop may take before the daemon
# is killed. That is its drain timeout, rounded up, and five seconds.
handyproxy_kill_time() {
	handyproxy_seconds=$(handyproxy_option "$1" drain-timeout) || {
		echo "handyproxy: $1 is wrong: a stop may take a minute" >&2
		echo 60
		return
	}
	handyproxy_seconds=${handyproxy_seconds%s}
	case $handyproxy_seconds in
	*.*) handyproxy_seconds=$((${handyproxy_seconds%.*} + 1)) ;;
	esac
	echo $((handyproxy_seconds + 5))
}

# handyproxy_pid FILE: the pid of the daemon whose pid file is FILE; fails if
# the daemon does not run. After a crash another process may have that pid, and
# a process 1 may take its time to reap the dead daemon (Z).
handyproxy_pid() {
	handyproxy_pid=
	[ ! -s "$1" ] || read -r handyproxy_pid < "$1"
	[ -n "$handyproxy_pid" ] || return 1
	handyproxy_stat=
	{ read -r handyproxy_stat < "/proc/$handyproxy_pid/stat"; } 2> /dev/null
	case $handyproxy_stat in
	"$handyproxy_pid (handyproxy) "[ZX]*) return 1 ;;
	"$handyproxy_pid (handyproxy) "*) echo "$handyproxy_pid" ;;
	*) return 1 ;;
	esac
}

# handyproxy_ports FILE: the ports on which the daemon with the pid file FILE
# listens, a line each: for clients and, where it has a port, for its status. Fails
# if the daemon does not run, or is about to end.
handyproxy_ports() {
	handyproxy_daemon=$(handyproxy_pid "$1") || return 1
	# First the daemon's sockets, then the listening sockets (0A) of its
	# network.
	# shellcheck disable=SC2012 # names in /proc are numbers
	handyproxy_hex=$(ls -l "/proc/$handyproxy_daemon/fd" 2> /dev/null | awk '
	sub(/.*socket:\[/, "") { sub(/\].*/, ""); own[$0]; next }
	$4 == "0A" && $10 in own { sub(/.*:/, "", $2); print "0x" $2 }' \
	    - "/proc/$handyproxy_daemon/net/tcp" \
	    "/proc/$handyproxy_daemon/net/tcp6" 2> /dev/null)
	# shellcheck disable=SC2086 # words
	[ -n "$handyproxy_hex" ] && printf '%d\n' $handyproxy_hex
}

# handyproxy_port_right FILE CONFIG: whether the daemon with the pid file FILE
# listens on the port in the configuration file CONFIG, to which rules redirect.
handyproxy_port_right() {
	handyproxy_name=${1##*/}
	handyproxy_name=${handyproxy_name%.pid}
	handyproxy_are_at=$(handyproxy_ports "$1") || {
		echo "handyproxy $handyproxy_name: no daemon listens" >&2
		return 1
	}
	handyproxy_wanted=$(handyproxy_option "$2" local-port) || return
	! printf '%s\n' "$handyproxy_are_at" | grep -qx "$handyproxy_wanted" ||
	    return 0
	handyproxy_status=$(handyproxy_option "$2" status-address) || return
	handyproxy_are_at=$(printf '%s\n' "$handyproxy_are_at" |
	    grep -vx "${handyproxy_status##*:}" | tr '\n' ' ')
	echo "handyproxy $handyproxy_name: restart it: the port has changed" \
	    "from ${handyproxy_are_at}to $handyproxy_wanted" >&2
	return 1
}

# handyproxy_wait FILE SECONDS: waits until the daemon with the pid file FILE
# listens.
handyproxy_wait() {
	handyproxy_tries=$(($2 * 10))
	until handyproxy_ports "$1" > /dev/null; do
		[ "$handyproxy_tries" -gt 0 ] || return 1
		handyproxy_tries=$((handyproxy_tries - 1))
		sleep 0.1
	done
}

# handyproxy_can_reload CONFIG: whether the daemon would accept the
# configuration file CONFIG at a HUP, as far as -check can tell. Prints -check's
# messages.
handyproxy_can_reload() {
	handyproxy_result=0
	handyproxy_remarks=$("$daemon" -check -config "$1" 2>&1 > /dev/null) ||
	    handyproxy_result=$?
	[ -z "$handyproxy_remarks" ] || printf '%s\n' "$handyproxy_remarks" >&2
	# For -check this is only a warning, because a start would accept the
	# file.
	case $handyproxy_remarks in
	*'a reload will fail'*) handyproxy_result=1 ;;
	esac
	return "$handyproxy_result"
}

# RULES without comments, empty lines, and the carriage returns of another system.
handyproxy_rules_wanted() {
	printf '%s\n' "$RULES" | tr -d '\r' | awk '!/^[ \t]*(#|$)/'
}

# handyproxy_rules_right INSTANCE: whether RULES are valid for the instance;
# prints the mistake. Scripts call it before a start, as a daemon without its
# rules is useless.
handyproxy_rules_right() {
	handyproxy_rules_wanted | awk -v name="$1" '
	function refuse(why) {
		print "handyproxy " name ": " why
		refused = 1
	}
	$1 != "prerouting" && $1 != "output" { refuse("no such rules: " $1) }
	++count[$1] == 2 {
		refuse("RULES name " $1 " twice: give all of it on one line, " \
		    "or make another instance")
	}
	{ rules = 1 }
	END {
		if (rules && (length(name) > 13 || name ~ /[^A-Za-z0-9_.-]/))
			refuse("with rules a name has at most 13 of " \
			    "A-Z a-z 0-9 _ . -")
		exit refused
	}' >&2
}

# handyproxy_rules SCRIPT ACTION INSTANCE [OPTION...]: runs the script for the
# instance's own rules. Rules without a name belong to the instance handyproxy.
handyproxy_rules() {
	handyproxy_script=$libexecdir/$1.sh
	handyproxy_action=$2
	handyproxy_name=$3
	shift 3
	[ "$handyproxy_name" = handyproxy ] ||
	    set -- --name "$handyproxy_name" "$@"
	"$handyproxy_script" "$handyproxy_action" "$@" < /dev/null
}

# handyproxy_rules_up INSTANCE FILE: puts the rules up, for the port and user in
# the configuration FILE, and takes down rules that RULES no longer name. Says
# what it has done. If
# RULES are wrong, or the daemon listens on another port, nothing changes.
# $rundir/INSTANCE.rules lists each script before it runs, because a script that
# fails may leave rules.
handyproxy_rules_up() (
	set -f
	handyproxy_rules_right "$1" || return 1
	handyproxy_port_right "$rundir/$1.pid" "$2" || return 1
	result=0
	list=$rundir/$1.rules
	port=$(handyproxy_option "$2" local-port)
	user=$(handyproxy_option "$2" user)
	wanted=$(handyproxy_rules_wanted)
	handyproxy_rules_down "$1" \
	    "$(printf '%s\n' "$wanted" | awk '{ print $1 }')" || result=1
	if [ -z "$wanted" ]; then
		echo "handyproxy $1: no RULES in $settings: nothing is redirected"
		return "$result"
	fi
	while read -r script options; do
		# shellcheck disable=SC2086 # options are split into words
		case $script in
		prerouting)
			set -- "$1" --to-port "$port" $options
			;;
		output)
			set -- "$1" --to-port "$port" \
			    ${user:+--user "$user"} $options
			;;
		esac
		grep -qsx "$script" "$list" || echo "$script" >> "$list"
		if handyproxy_rules "$script" up "$@"; then
			echo "handyproxy $1: rules are up: $script $options"
		else
			echo "handyproxy $1: not up: $script $options" >&2
			result=1
		fi
	done <<- END
		$wanted
	END
	return "$result"
)

# handyproxy_rules_down INSTANCE [SCRIPTS]: takes down what handyproxy_rules_up
# has put up, but for SCRIPTS, one a line. What could not be stays on the list
# for the next time, and makes it fail.
handyproxy_rules_down() (
	list=$rundir/$1.rules
	result=0
	kept=
	[ -f "$list" ] || return 0
	while read -r script; do
		if ! printf '%s\n' "${2-}" | grep -qx "$script"; then
			handyproxy_rules "$script" down "$1" && continue
			handyproxy_say_left "$script" "$1"
			result=1
		fi
		kept="$kept$script
"
	done < "$list"
	if [ -n "$kept" ]; then
		printf %s "$kept" > "$list"
	else
		rm -f "$list"
	fi
	return "$result"
)

# handyproxy_say_left SCRIPT INSTANCE
handyproxy_say_left() {
	handyproxy_command="$libexecdir/$1.sh down"
	[ "$2" = handyproxy ] ||
	    handyproxy_command="$handyproxy_command --name $2"
	echo "handyproxy $2: the rules of $1 are still up: without the daemon" \
	    "connections are refused until this succeeds: $handyproxy_command" >&2
}
