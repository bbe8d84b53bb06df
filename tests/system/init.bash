# SPDX-License-Identifier: MIT
# A machine for the tests of installation and init scripts. It has its own
# namespaces for processes, mounts and network, and its own /etc, /run and /opt.
# So files are really installed and services started. The tests run commands in
# it by `machine COMMAND...`; all its processes end with it.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prefix=/opt/handyproxy
# The place of init systems that the host does not have: see init-peers.
peers=$repository/build/peers
export repository peers

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/waiting.bash"

# machine_start [PEER...]: with the files that init-peers has unpacked for these
# peers.
machine_start() {
	local as_root=()

	[ "$(id -u)" -eq 0 ] || as_root=(--user --map-root-user)
	machine_files=$(mktemp -d "$BATS_TEST_TMPDIR/machine.XXXXXX")
	# The first --net is for small-tables.
	unshare "${as_root[@]}" --pid --mount --net --ipc --fork --kill-child \
	    "$repository/tests/fixtures/small-tables" \
	    unshare --net bash "${BASH_SOURCE[0]}" "$machine_files" "$@" \
	    > "$machine_files/log" 2>&1 3>&- &
	machine_unshare=$!
	if ! wait_until 60 test -s "$machine_files/pid"; then
		cat "$machine_files/log"
		return 1
	fi
	machine_enter=(nsenter --target "$(cat "$machine_files/pid")"
	    --pid --mount --net --ipc)
	[ "$(id -u)" -eq 0 ] || machine_enter+=(--user --preserve-credentials)
}

machine_stop() {
	[ -n "${machine_unshare-}" ] || return 0
	[ -n "${BATS_TEST_COMPLETED-}" ] || machine_explain
	kill -s KILL "$machine_unshare"
	wait "$machine_unshare" 2> /dev/null || :
	machine_unshare=
}

# What a failed test leaves, for its output.
machine_explain() {
	tail -n 10 "$machine_files/log"
	machine sh -c 'ps -eo pid,stat,args; tail -qn 20 /run/test/*.log' | cut -c -200
}

machine() {
	"${machine_enter[@]}" -- "$@"
}

# The machine's first process: FILES [PEER...].
machine_main() {
	local files=$1 pid layers=

	set -e
	read -r pid _ < /proc/self/stat
	shift
	for peer; do
		case $peer in
		/*) machine_add_root "$peer" ;;
		*) [ ! -d "$peers/$peer" ] || layers+=$peers/$peer/usr: ;;
		esac
	done
	mount -t proc proc /proc
	mkdir "$files/etc"
	mount -t tmpfs -o mode=755 tmpfs "$files/etc"
	# An unprivileged user may not be able to read all of it.
	cp -a /etc/. "$files/etc" 2> /dev/null || :
	rm -rf "$files"/etc/init.d "$files"/etc/rc?.d
	mkdir "$files/etc/init.d"
	mount --bind "$files/etc" /etc
	[ -z "$layers" ] ||
	    mount -t overlay overlay -o "lowerdir=${layers}/usr" /usr
	mount -t tmpfs tmpfs /run
	mount -t tmpfs tmpfs /opt
	install -d -m 1777 /run/test
	# The default route: packets are redirected before they leave.
	ip link set lo up
	ip link add wan type veth peer name internet
	ip address add 192.0.2.1/24 dev wan
	ip link set wan up
	ip link set internet up
	ip route add default via 192.0.2.2
	echo "$pid" > "$files/pid.new"
	mv "$files/pid.new" "$files/pid"
	# Orphans become children of this shell, which reaps them.
	while :; do
		sleep 3600 &
		wait
	done
}

# machine_add_root ROOT: adds what another system's root directory has, where the
# host has not. The host's /bin, /sbin and /lib are expected in /usr.
machine_add_root() {
	local folder layer lower

	for folder in bin sbin lib libexec share; do
		lower=/usr/$folder
		for layer in "$1/usr/$folder" "$1/$folder"; do
			[ ! -d "$layer" ] || [ -L "$layer" ] || lower+=:$layer
		done
		[ "$lower" = "/usr/$folder" ] ||
		    mount -t overlay overlay -o "lowerdir=$lower" "/usr/$folder"
	done
}

# machine_install INIT
machine_install() {
	machine make -s -C "$repository" -f scripts/install.mk install \
	    PREFIX="$prefix" INIT="$1" BUILD="${BUILD:-build/gcc}" > /dev/null
}

# machine_record_rules: replaces the rules by scripts that record their calls.
# They also record the bound port, if there is one: that of the instance guests,
# or that of the other instance.
machine_record_rules() {
	local script

	for script in prerouting output; do
		machine sh -c "cat > '$prefix/libexec/handyproxy/$script.sh'
		    chmod 755 '$prefix/libexec/handyproxy/$script.sh'" <<- 'END'
			#!/bin/sh
			case "$*" in
			*'--name guests'*) port=8444 ;;
			*) port=8443 ;;
			esac
			[ -n "$(ss -Hltn "sport = $port")" ] || port=
			echo ${0##*/} "$@" with $port >> /run/test/rules
			[ ! -e "/run/test/rules-fail-$1" ]
		END
	done
}

# cable HOST INTERFACE NETWORK: connects the host; the router's address is .1.
cable() {
	machine ip netns add "$1"
	machine ip link add "$2" type veth peer name eth0 netns "$1"
	machine ip address add "$3.1/24" dev "$2"
	machine ip link set "$2" up
	machine ip -n "$1" link set lo up
	machine ip -n "$1" address add "$3.10/24" dev eth0
	machine ip -n "$1" link set eth0 up
	machine ip -n "$1" route add default via "$3.1"
}

# serve LOG COMMAND...: by the host internet.
serve() {
	machine ip netns exec internet "${@:2}" \
	    > "$BATS_TEST_TMPDIR/$1" 2>&1 3>&- &
}

serves() {
	machine ip netns exec internet ss -Hltn "sport = $1" | grep -q .
}

# configure NAME PORT [LINE...]: an instance that logs to a file.
configure() {
	local name=$1 port=$2

	shift 2
	printf '%s\n' "local-port $port" "log-to /run/test/$name.log" "$@" |
	    machine tee "/etc/handyproxy/$name.conf" > /dev/null
}

# Whether there are users other than root: a user namespace may have none.
machine_has_users() {
	# shellcheck disable=SC2016 # for awk
	machine awk '{ users += $3 } END { exit users < 2 }' \
	    /proc/self/uid_map
}

daemon_pid() {
	machine cat /run/handyproxy/handyproxy.pid
}

# listens PORT: whether the port is bound.
listens() {
	machine ss -Hltn "sport = $1" | grep -q .
}

is_free() {
	! listens "$1"
}

# has_come_back PID: whether the daemon runs with another pid than this.
has_come_back() {
	[ "$(daemon_pid)" != "$1" ] && listens 8443
}

# daemon_that_ends: replaces the daemon by a program that ends at once, with
# success.
daemon_that_ends() {
	printf '#!/bin/sh\nexit 0\n' |
	    machine sh -c "cat > '$prefix/sbin/handyproxy'"
}

# rules_for NAME LINE...: writes RULES into the instance's settings.
rules_for() {
	local file

	file=$(settings_file "$1")
	shift
	{
		echo 'RULES="'
		printf '\t%s\n' "$@"
		echo '"'
	} | machine tee "$file" > /dev/null
}

# The checks below test what all init scripts promise. The test file defines
# service ACTION NAME and settings_file NAME.

# An upstream, and a connection through the daemon that is always in use.
tunnel_open() {
	machine nft -f - <<- END
		table ip test {
			chain output {
				type nat hook output priority -100
				ip daddr 198.51.100.1 tcp dport 80 redirect to :8443
			}
		}
	END
	machine python3 "$repository/tests/system/init_tunnel.py" upstream \
	    3>&- &
	wait_until 60 listens 3128
	machine python3 "$repository/tests/system/init_tunnel.py" client \
	    /run/test/tunnel 3>&- &
	wait_until 60 machine test -s /run/test/tunnel
}

tenths_of_a_second() {
	date +%s%N | sed 's/........$//'
}

# The supervisors' own default is 5 seconds.
check_tunnel_outlives_stop() {
	local before lasted took

	configure handyproxy 8443 'drain-timeout 6500ms'
	service start handyproxy
	tunnel_open
	before=$(tenths_of_a_second)
	service stop handyproxy
	took=$(($(tenths_of_a_second) - before))
	lasted=$(($(machine tail -n 1 /run/test/tunnel) - before))
	echo "the stop took $took, the tunnel lasted $lasted tenths of a second"
	[ "$took" -ge 65 ] && [ "$took" -lt $((115 + $(noise_ms) / 100)) ]
	[ "$lasted" -gt 52 ]
}

# The daemon is killed after the drain timeout and five seconds.
check_hung_daemon_is_killed() {
	local before took pid

	configure handyproxy 8443 'drain-timeout 1s'
	service start handyproxy
	pid=$(daemon_pid)
	before=$(tenths_of_a_second)
	machine kill -s STOP "$pid"
	service stop handyproxy
	wait_until 60 machine test ! -e "/proc/$pid"
	took=$(($(tenths_of_a_second) - before))
	echo "it took $took tenths of a second"
	[ "$took" -ge 60 ] && [ "$took" -lt $((115 + $(noise_ms) / 100)) ]
}

check_wrong_configuration_changes_nothing() {
	local pid

	service start handyproxy
	pid=$(daemon_pid)
	configure handyproxy 8443 'idle-timeout fortnight'
	for action in reload restart; do
		run service "$action" handyproxy
		# shellcheck disable=SC2154 # bats sets output
		echo "$action: $output"
		[ "$(daemon_pid)" = "$pid" ]
		listens 8443
	done
	run ! machine grep -q 'idle-timeout' /run/test/handyproxy.log

	configure handyproxy 8443
	service restart handyproxy
	[ "$(daemon_pid)" != "$pid" ]
	service stop handyproxy
	configure handyproxy 8443 'idle-timeout fortnight'
	run service start handyproxy
	[[ $output == *fortnight* ]]
	is_free 8443
}

# A file that only root can read. Not every exit status shows the failure.
check_unreadable_configuration_is_not_reloaded() {
	machine_has_users || skip "there is no user but root"
	service start handyproxy
	machine sh -c 'umask 077; echo local-port 8443 > /etc/handyproxy/new
	    mv /etc/handyproxy/new /etc/handyproxy/handyproxy.conf'
	says 'a reload will fail' service reload handyproxy
	listens 8443
	run ! machine grep 'the configuration is wrong' /run/test/handyproxy.log
}

# says WORDS COMMAND...: the words are in the output or in the log. Not every
# exit status shows a failure. Where an action is only known to fail by a wait,
# the wait is short.
says() {
	local words=$1 patience=3

	shift
	run "$@"
	# shellcheck disable=SC2154 # bats sets output
	[[ $output == *"$words"* ]] || wait_until 60 has_logged "$words"
}

check_wrong_rules_change_nothing() {
	local pid long=fourteen-bytes

	rules_for handyproxy 'output --ports 80' 'output --ports 443'
	says 'RULES name output twice' service start handyproxy
	is_free 8443
	configure "$long" 8444
	rules_for "$long" 'output'
	says 'at most 13 of' service start "$long"
	is_free 8444
	machine test ! -e /run/test/rules

	rules_for handyproxy 'output'
	service start handyproxy
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	rules_for handyproxy 'output' 'prerouting' 'prerouting'
	says 'RULES name prerouting twice' service restart handyproxy
	[ "$(daemon_pid)" = "$pid" ]
	machine test ! -e /run/test/rules
}

check_reload_applies_rules() {
	local pid

	rules_for handyproxy 'prerouting --interface br-lan' 'output'
	service start handyproxy
	rules_become <<- 'END'
		prerouting.sh up --to-port 8443 --interface br-lan with 8443
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	rules_for handyproxy 'prerouting --interface br-wlan'
	service reload handyproxy
	rules_become <<- 'END'
		output.sh down with 8443
		prerouting.sh up --to-port 8443 --interface br-wlan with 8443
	END
	wait_until 60 machine grep 'configuration read again' \
	    /run/test/handyproxy.log
	rules_for handyproxy '# none'
	service reload handyproxy
	rules_become <<- 'END'
		prerouting.sh down with 8443
	END
	[ "$(daemon_pid)" = "$pid" ]
}

# What happens to the daemon then differs between init systems.
check_rules_that_stay_fail_a_stop() {
	rules_for handyproxy 'prerouting' 'output'
	service start handyproxy
	machine touch /run/test/rules-fail-down
	run ! service stop handyproxy
	says 'the rules of output are still up' echo "$output"
	machine grep -x output /run/handyproxy/handyproxy.rules
	machine grep -x prerouting /run/handyproxy/handyproxy.rules
}

check_rules_follow_the_port() {
	configure guests 8444
	rules_for handyproxy 'prerouting --interface br-lan' \
	    'output --ports 443'
	rules_for guests 'output'

	service start handyproxy
	rules_become <<- 'END'
		prerouting.sh up --to-port 8443 --interface br-lan with 8443
		output.sh up --to-port 8443 --ports 443 with 8443
	END
	service start guests
	rules_become <<- 'END'
		output.sh up --name guests --to-port 8444 with 8444
	END
	rules_for handyproxy 'prerouting --interface br-wlan'
	service restart handyproxy
	rules_become <<- 'END'
		output.sh down with 8443
		prerouting.sh up --to-port 8443 --interface br-wlan with 8443
	END
	service stop handyproxy
	service stop guests
	rules_become <<- 'END'
		prerouting.sh down with 8443
		output.sh down --name guests with 8444
	END
}

# The recorded calls of the rules, in order, become what stdin says.
rules_become() {
	local wanted

	wanted=$(cat)
	wait_until 60 rules_are "$wanted" || {
		rules_calls
		return 1
	}
	machine rm -f /run/test/rules
}

rules_are() {
	[ "$(rules_calls)" = "$1" ]
}

rules_calls() {
	machine sh -c 'touch /run/test/rules; cat /run/test/rules'
}

[ "${BASH_SOURCE[0]}" != "$0" ] || machine_main "$@"
