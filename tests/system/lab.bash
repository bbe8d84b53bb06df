# SPDX-License-Identifier: MIT
# lab.bash - a network of three hosts for bats files:
#
#     client                 router                    upstream
#     192.168.1.10, .11 ---- 192.168.1.1 (lan)
#     fd01::10               fd01::1
#                            10.1.0.1, fd02::1 (wan) - 10.1.0.2, fd02::2
#                                                      93.184.216.34, 198.18.0.34,
#                                                      2606:2800::34,
#                                                      64:ff9b::5db8:d822 (an origin)
#
# The router forwards; nothing is redirected yet. A bats file runs without
# further preparation, as root or as any user with user namespaces:
#
#     load lab
#     setup_file() { lab_up; }
#     teardown_file() { lab_down; }
#     @test "..." { in_router ...; lab_start upstream ...; in_client ...; }
#
# bats starts a process for each test, so no process of bats can enter namespaces
# for all tests. Instead one process, the keeper, lives in a mount and a network
# namespace, and without root also in a user namespace. Its /run is a tmpfs with
# the hosts' network namespaces; commands enter them by nsenter. They start in /
# and see the caller's files, except /run and a useless resolv.conf. Nothing
# reaches the caller's network, sysctls or /run. lab_down ends all processes in
# the hosts; if bats itself is killed, the keeper does so.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/waiting.bash"

LAB_HOSTS='client router upstream'

lab_up() {
	local announcement=$BATS_FILE_TMPDIR/lab namespaces=(--mount --net)
	lab_has_users || namespaces+=(--user --map-root-user)
	unshare "${namespaces[@]}" "${BASH_SOURCE[0]%/*}/../fixtures/small-tables" \
	    bash "${BASH_SOURCE[0]}" "$$" "$announcement" \
	    </dev/null >"$announcement.log" 2>&1 3>&- &
	export LAB_KEEPER=$!
	wait_until 10 test -e "$announcement" || {
		cat "$announcement.log"
		return 1
	}
}

lab_down() {
	[ -n "${LAB_KEEPER-}" ] || return 0
	kill "$LAB_KEEPER"
	wait "$LAB_KEEPER" || :
}

in_client() { lab_in client "$@"; }
in_router() { lab_in router "$@"; }
in_upstream() { lab_in upstream "$@"; }

lab_in() { # HOST COMMAND...
	local entrance
	lab_find_entrance "$1"
	"${entrance[@]}" "${@:2}"
}

# Starts the command in the background; $! is its pid. (bats waits for the end
# of descriptor 3, so no process may keep it. bash would close descriptor 0.)
lab_start() { # HOST COMMAND...
	local entrance
	lab_find_entrance "$1"
	"${entrance[@]}" "${@:2}" <&0 3>&- &
}

lab_find_entrance() { # HOST
	entrance=(nsenter --target "$LAB_KEEPER" --mount
	    --net="/proc/$LAB_KEEPER/root/run/netns/$1")
	lab_has_users || entrance+=(--user --preserve-credentials)
	entrance+=(--)
}

# Ends the processes that the present test has started in the hosts.
lab_clear() {
	local host pid
	for host in $LAB_HOSTS; do
		for pid in $(lab_in "$host" ip netns pids "$host"); do
			! grep -qsz "^BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR$" "/proc/$pid/environ" ||
			    kill -s KILL "$pid" 2>/dev/null || :
		done
	done
}

# Whether there is more than one user. A user namespace made without help has
# only root.
lab_has_users() {
	[ "$(id -u)" -eq 0 ]
}

# --- the keeper's commands

lab_keep() { # OWNER ANNOUNCEMENT
	local owner=$1
	set -e
	mount -t tmpfs tmpfs /run
	echo 'nameserver 127.0.0.1' >/run/resolv.conf
	[ ! -e /etc/resolv.conf ] || mount --bind /run/resolv.conf /etc/resolv.conf
	trap 'lab_end; exit' EXIT TERM
	lab_build
	: >"$2"
	while kill -0 "$owner" 2>/dev/null; do
		sleep 1 &
		wait $!         # unlike sleep, interrupted by the signal
	done
}

lab_build() {
	local host
	for host in $LAB_HOSTS; do
		ip netns add "$host"
		ip -n "$host" link set lo up
	done
	lab_cable client eth0 router lan
	lab_cable router wan upstream eth0
	lab_address client eth0 192.168.1.10/24 192.168.1.11/24 fd01::10/64
	lab_address router lan 192.168.1.1/24 fd01::1/64
	lab_address router wan 10.1.0.1/24 fd02::1/64
	lab_address upstream eth0 10.1.0.2/24 fd02::2/64
	lab_address upstream lo 93.184.216.34/32 198.18.0.34/32 2606:2800::34/128 \
	    64:ff9b::5db8:d822/128
	lab_route client 192.168.1.1 fd01::1
	lab_route router 10.1.0.2 fd02::2
	lab_route upstream 10.1.0.1 fd02::1
	nsenter --net=/run/netns/router sh -c '
		echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

lab_cable() { # HOST INTERFACE HOST INTERFACE
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# Without nodad an IPv6 address would not be usable at once.
lab_address() { # HOST INTERFACE ADDRESS...
	local address
	for address in "${@:3}"; do
		case $address in
		*:*) ip -n "$1" address add "$address" dev "$2" nodad ;;
		*) ip -n "$1" address add "$address" dev "$2" ;;
		esac
	done
}

lab_route() { # HOST IPV4 IPV6
	ip -n "$1" route add default via "$2"
	ip -n "$1" route add default via "$3"
}

# The lab's processes are those in its network namespaces.
lab_end() {
	local inhabitants inodes
	trap - EXIT TERM
	inodes=$(cd /run/netns && stat -Lc 'net:[%i]' -- *)
	# shellcheck disable=SC2012 # names in /proc are numbers
	while inhabitants=$(ls -l /proc/[0-9]*/ns/net 2>/dev/null | awk -v inodes="$inodes" '
		BEGIN { while (match(inodes, /net:[^ \n]+/)) {
			ours[substr(inodes, RSTART, RLENGTH)]
			inodes = substr(inodes, RSTART + RLENGTH)
		} }
		$NF in ours { split($(NF - 2), path, "/"); print path[3] }') &&
	    [ -n "$inhabitants" ]; do
		# shellcheck disable=SC2086 # a list; some may have ended by themselves
		kill -s KILL $inhabitants 2>/dev/null || :
		sleep 0.02
	done
}

[ "${BASH_SOURCE[0]}" != "$0" ] || lab_keep "$@"
