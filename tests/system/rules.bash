# SPDX-License-Identifier: MIT
# rules.bash - shared by the bats files about iptables/*.sh. The lab's router
# runs the scripts with one back end after the other. Its hosts answer each
# connection with a line that tells where it ended.

load lab

SCRIPTS=$(cd "$BATS_TEST_DIRNAME/../../iptables" && pwd)
ORIGINAL_DESTINATION=$BATS_TEST_DIRNAME/original_destination.py
ALL_BACKENDS='iptables-nft iptables-legacy nft'
ORIGIN=93.184.216.34
ORIGIN6=2606:2800::34
# As a host behind NAT64 sees it.
NAT64_ORIGIN=64:ff9b::5db8:d822
# The system's python3, because other users can run it.
PYTHON=$(PATH=/usr/bin:$PATH command -v python3)
# An address that is excluded by default.
RESERVED=198.18.0.34

machine_has_backend() {
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

# Calls the function for each back end of this machine, each time on a router
# that has only the administrator's own rules. $backend is the back end.
for_each_backend() { # FUNCTION
	for backend in $ALL_BACKENDS; do
		machine_has_backend "$backend" || continue
		echo "with $backend:"
		reset_rules
		"$@"
	done
}

# A command that runs a script; without a command the script's first line
# decides.
shell=()

# The script's own options, then those of the back end.
script() { # NAME ACTION [OPTION]...
	case $backend in
	nft) in_router env -u IPTABLES "${shell[@]}" "$SCRIPTS/$1" "${@:2}" --backend nft ;;
	*) in_router env IPTABLES="$backend" "${shell[@]}" "$SCRIPTS/$1" "${@:2}" --backend iptables ;;
	esac
}

prerouting() {
	script prerouting.sh "$@"
}

# In a namespace with one user, that user is the daemon's.
output() { # ACTION [OPTION]...
	local user=nobody
	lab_has_users || user=0
	script output.sh "$1" --user "$user" "${@:2}"
}

reset_rules() {
	# shellcheck disable=SC2016 # for the shell in there
	in_router sh -c '
		nft flush ruleset
		! command -v iptables-legacy || for restore in iptables ip6tables; do
			printf "*%s\n:%s ACCEPT\nCOMMIT\n" filter INPUT nat PREROUTING |
			    "$restore-legacy-restore"
		done' >/dev/null
	administrator_rules -A 1
}

# The administrator's rules, in the chains that the scripts use; a number tells
# them apart.
administrator_rules() { # -A|-I NUMBER
	local iptables chain ip
	case $backend in
	nft)
		for ip in ip ip6; do
			in_router nft "add table $ip other_$2
			    add chain $ip other_$2 handyproxy_prerouting { type filter hook prerouting priority 0 ; }
			    add rule $ip other_$2 handyproxy_prerouting tcp dport 9 drop"
		done
		return
		;;
	esac
	for iptables in "$backend" "${backend/iptables/ip6tables}"; do
		for chain in INPUT FORWARD OUTPUT; do
			echo "$1 $chain -p tcp --dport $2 -j ACCEPT"
		done | sed -e '1i *filter' -e '$a COMMIT' | in_router "$iptables-restore" --noflush
		printf '%s\n' '*nat' "$1 PREROUTING -p tcp --dport $2 -j ACCEPT" \
		    "$1 OUTPUT -p tcp --dport $2 -j ACCEPT" COMMIT |
		    in_router "$iptables-restore" --noflush
	done
}

# All of netfilter's rules, without counters and dates.
saved_rules() {
	# shellcheck disable=SC2016 # for the shell in there
	in_router sh -c '
		for program in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
			! command -v "$program" || "$program-save"
		done
		nft --stateless list ruleset' 2>/dev/null |
	    sed -e '/^#/d' -e 's/ \[.*\]$//'
}

assert_equal() { # FOUND EXPECTED
	[ "$1" = "$2" ] || {
		diff <(printf '%s\n' "$2") <(printf '%s\n' "$1")
		return 1
	}
}

assert_status() { # STATUS COMMAND...
	run "${@:2}"
	[ "$status" -eq "$1" ] || {
		echo "exit status $status, not $1: ${*:2}"
		echo "$output"
		return 1
	}
}

assert_output_has() { # TEXT...
	local text
	for text; do
		case $output in
		*"$text"*) ;;
		*)
			printf 'no "%s" in:\n%s\n' "$text" "$output"
			return 1
			;;
		esac
	done
}

# --- traffic

# The program is read from stdin, because other users may not be able to read
# the tests' files.
original_destination() { # HOST[:UID] ARGUMENT...
	local user=()
	[ "${1%:*}" = "$1" ] || user=(setpriv --reuid "${1#*:}" --clear-groups)
	lab_in "${1%:*}" "${user[@]}" "$PYTHON" -IS - "${@:2}" <"$ORIGINAL_DESTINATION"
}

# Starts a server; $! is its pid.
start_original_destination() { # HOST[:UID] ARGUMENT...
	local said=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/said user=()
	[ "${1%:*}" = "$1" ] || user=(setpriv --reuid "${1#*:}" --clear-groups)
	lab_start "${1%:*}" "${user[@]}" "$PYTHON" -IS - "${@:2}" \
	    <"$ORIGINAL_DESTINATION" >"$said" 2>&1
	wait_until 10 grep -q ready "$said" || {
		cat "$said"
		return 1
	}
}

assert_answer() { # HOST[:UID] ARGUMENT... = ANSWER
	local question=() answer
	while [ "$1" != = ]; do
		question+=("$1")
		shift
	done
	shift
	answer=$([ "$*" != silence ] || export PATIENCE=0.5
	    original_destination "${question[@]}")
	[ "$answer" = "$*" ] || {
		printf '%s\n    is answered "%s", not "%s"\n' "${question[*]}" "$answer" "$*"
		saved_rules
		return 1
	}
}
