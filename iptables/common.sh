# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# common.sh - shared by prerouting.sh and output.sh, which source it.
#
# HandyProxy's rules are in chains (iptables) or tables (nft) with names of
# their own. So "down" finds them without the options of "up". No other rule is
# touched, except the jumps to those chains.
#
# plan alone decides the rules. It prints a rule a line, in words of its own:
#     FAMILY TABLE HOOK WORD...
# Rules that end in "enter" say which packets of the hook meet the other rules.
# render turns rules into a state, the text of the wanted rules. state prints
# the state of the present rules. replace changes the present state into the
# wanted state. Functions with a body in parentheses keep their variables to
# themselves.

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# % is the word's value, IP is ip or ip6, OWN is the chain of the other rules.
vocabulary='
in=          | -i %                               | iifname "%"
out=         | -o %                               | oifname "%"
from=        | -s %                               | IP saddr %
to=          | -d %                               | IP daddr %
to-this-host | -m addrtype --dst-type LOCAL       | fib daddr type local
user=        | -m owner --uid-owner %             | meta skuid %
redirected   | -m conntrack --ctstate DNAT        | ct status dnat
tcp          | -p tcp                             | meta l4proto tcp
udp          | -p udp                             | meta l4proto udp
tcp=         | -p tcp -m multiport --dports %     | tcp dport { % }
udp=         | -p udp -m multiport --dports %     | udp dport { % }
enter        | -j OWN                             | counter jump OWN
return       | -j RETURN                          | counter return
both         | -m comment --comment IPv4-and-IPv6 | comment "IPv4-and-IPv6"
accept       | -j ACCEPT                          | counter accept
reject       | -j REJECT                          | counter reject
reset        | -j REJECT --reject-with tcp-reset  | counter reject with tcp reset
redirect=    | -j REDIRECT --to-ports %           | counter redirect to :%'

# RFC 6890, and multicast. IPv6 networks that lead to IPv4 (64:ff9b::/96,
# 2001::/32, 2002::/16) are not here, because they are ways around the proxy.
excludes='0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
::/128 ::1/128 ::ffff:0:0/96 100::/64 2001:2::/48 2001:db8::/32 fc00::/7
fe80::/10 ff00::/8'
includes=
interfaces=
mappings=               # NET=PORT, in the order of the command line
unmapped=               # sources whose --to-port may still come
default_port=8443
ports=80,443
backend=auto
name=
upstreams=
upstream_sockets=       # ADDRESS=PORT of upstreams on other hosts
exempt_uids=
exempt_sources=
redirect_ipv6=
families=4              # those that are redirected
reject_quic=
reject_ipv6=
open_input=
dry_run=
lock=/var/run/handyproxy-rules.lock

octet='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
ipv4="$octet(\.$octet){3}"
# RFC 3986, section 3.2.2: the last two groups may be written as IPv4, and ::
# stands for the groups that are left out.
group='[0-9A-Fa-f]{1,4}'
two_groups="($group:$group|$ipv4)"
ipv6="($group:){6}$two_groups|::($group:){5}$two_groups"
for before in 0 1 2 3 4; do
	ipv6="$ipv6|(($group:){0,$before}$group)?::($group:){$((4 - before))}$two_groups"
done
ipv6="($ipv6|(($group:){0,5}$group)?::$group|(($group:){0,6}$group)?::)"
network="$ipv4(/(3[0-2]|[12]?[0-9]))?|$ipv6(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"
port_number='([1-9][0-9]{0,3}|[1-5][0-9]{4}|6([0-4][0-9]{3}|5([0-4][0-9]{2}|5([0-2][0-9]|3[0-5]))))'

complain() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

fail() {
	complain "$*"
	exit 1
}

wrong_usage() {
	complain "$* (see ${0##*/} --help)"
	exit 2
}

usage_shared() {
	cat <<'END'
  --ports LIST       TCP ports to redirect, such as 80,443,9000-9100 (80,443)
  --to-port N        HandyProxy's port (8443) for the --source options directly
                     before it, else for all sources without a port of their
                     own. The first matching source counts
  --exclude NET      never redirect connections to NET (repeatable)
  --include NET      redirect connections to NET although it is excluded
                     (repeatable). Excluded by default: private and reserved
                     networks (RFC 6890). Always excluded: this host's
                     addresses, the upstream proxy
  --exempt-source NET
                     leave the connections from NET as they are (repeatable);
                     prerouting.sh does so with the upstream proxy's own
  --upstream HOST[:PORT]
                     the upstream proxy (repeatable). The default are the
                     upstreams of the HandyProxy that listens on the port of
                     --to-port, those of its routes too, or else
                     localhost:3128
  --ipv6             redirect the same ports over IPv6, too; HandyProxy must
                     listen on IPv6 (-local-address ::). With sources of one
                     family only, the other is not redirected
  --reject-quic      reject UDP port 443, so that browsers fall back to TCP
  --reject-ipv6      reject the same ports over IPv6 (TCP: with a reset), so
                     that clients fall back to IPv4; with IPv4 sources it
                     needs an IPv6 --source, whose packets it rejects
  --open-input       accept redirected packets on HandyProxy's port where the
                     INPUT chain would drop them (iptables only)
  --backend auto|iptables|nft
                     auto: nft with OpenWrt's fw4, else iptables if it is
                     installed, else nft. IPTABLES in the environment names
                     another iptables, such as iptables-legacy
  --name NAME        a separate set of rules, for one of several instances;
                     at most 13 of A-Z a-z 0-9 _ . -
  --dry-run          print the commands, change nothing

NET is a network or an address; IPv6 networks matter to --ipv6 and --reject-ipv6
only.
"down" and "status" take the same options, and need only --name. A second "up"
replaces the rules of the first. If it fails, the rules stay as they were.

Exit status: 0 done, or the rules are up; 1 failed, or a part of the rules is
gone ("up" mends it); 2 wrong usage; 3 the rules are not up; 4 cannot tell.
END
}

# --- options

# Removes leading zeros: iptables and nft read them as octal, the daemon ignores
# them.
decimal() { # NUMBER
	digits=${1#"${1%%[!0]*}"}
	echo "${digits:-0}"
}

matches() { # VALUE PATTERN
	case $1 in
	*[[:space:]]*) return 1 ;;
	esac
	printf '%s\n' "$1" | grep -Eqx -e "$2"
}

want() { # OPTION VALUE PATTERN WHAT
	matches "$2" "$3" || wrong_usage "$1: '$2' is no $4"
}

# Prints the list sorted and merged, because nft refuses overlaps. A line has at
# most 15 ports, where a range counts as two: that is the limit of iptables'
# multiport.
port_lists() { # LIST
	awk -v list="$1" 'BEGIN {
		count = split(list, item, ",")
		for (i = 1; i <= count; i++) {
			last = split(item[i], end, "-")
			if (end[1] + 0 > end[last] + 0)
				exit 1
			for (port = end[1] + 0; port <= end[last] + 0; port++)
				wanted[port]
		}
		for (port = 1; port <= 65535; port = last + 1) {
			last = port
			if (!(port in wanted))
				continue
			while ((last + 1) in wanted)
				last++
			size = last > port ? 2 : 1
			if (used + size > 15) {
				print line
				used = 0
			}
			line = (used ? line "," : "") port (last > port ? "-" last : "")
			used += size
		}
		print line
	}'
}

map_sources() { # PORT
	[ -n "$unmapped" ] || default_port=$1
	for net in $unmapped; do
		mappings="$mappings $net=$1"
	done
	unmapped=
}

take_option() { # OPTION VALUE
	case $1 in
	--ports)
		item="$port_number(-$port_number)?"
		{ matches "$2" "$item(,$item)*" && port_lists "$2"; } >/dev/null ||
		    wrong_usage "$1: '$2' is no list of ports such as 80,443,9000-9100"
		ports=$2
		;;
	--to-port)
		want "$1" "$2" "$port_number" 'port from 1 to 65535'
		map_sources "$2"
		;;
	--exempt-source)
		want "$1" "$2" "$network" 'network such as 192.168.1.0/24'
		exempt_sources="$exempt_sources $2"
		;;
	--interface)
		want "$1" "$2" '[A-Za-z0-9_.:@-]{1,14}[A-Za-z0-9_.:@+-]?' 'name of an interface'
		interfaces="$interfaces $2"
		;;
	--source | --exclude | --include)
		want "$1" "$2" "$network" 'network such as 192.168.1.0/24'
		case $1 in
		--source) unmapped="$unmapped $2" ;;
		--exclude) excludes="$excludes $2" ;;
		--include) includes="$includes $2" ;;
		esac
		;;
	--upstream)
		want "$1" "$2" "$ipv6|(\[$ipv6\]|[A-Za-z0-9_.][A-Za-z0-9_.-]*)(:$port_number)?" \
		    'HOST or HOST:PORT'
		upstreams="$upstreams $2"
		;;
	--backend)
		want "$1" "$2" 'auto|iptables|nft' 'back end: auto, iptables or nft'
		backend=$2
		;;
	--name)
		want "$1" "$2" '[A-Za-z0-9_.-]{1,13}' 'name of at most 13 of A-Z a-z 0-9 _ . -'
		name=_$2
		;;
	*) take_own_option "$1" "$2" || wrong_usage "unknown option $1" ;;
	esac
}

parse_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--ipv6) redirect_ipv6=yes ;;
		--reject-quic) reject_quic=yes ;;
		--reject-ipv6) reject_ipv6=yes ;;
		--open-input) open_input=yes ;;
		--dry-run) dry_run=yes ;;
		--ipv6=* | --reject-quic=* | --reject-ipv6=* | --open-input=* | --dry-run=* | --help=*)
			wrong_usage "${1%%=*} takes no value"
			;;
		-h | --help)
			usage
			exit
			;;
		--*=*) take_option "${1%%=*}" "${1#*=}" ;;
		--*)
			take_option "$1" "${2-}"        # no option takes ''
			shift
			;;
		*) wrong_usage "unexpected argument '$1'" ;;
		esac
		shift
	done
	map_sources "$default_port"
}

# --- the upstream proxy

# Prints nothing for a name that does not resolve. OpenWrt has resolveip in
# place of getent. A getent without ahosts fails with another status than 2, "no
# such key", and is asked for hosts.
addresses_of() { # HOST
	if matches "$1" "$ipv4|$ipv6"; then
		echo "$1"
	elif command -v getent >/dev/null; then
		getent ahosts "$1" || [ $? -eq 2 ] || getent hosts "$1"
	else
		resolveip -t 5 "$1"
	fi 2>/dev/null | awk '$1 ~ /^[0-9a-fA-F.:]+$/ { print $1 }' | sort -u
}

# Prints the inode and owner of each TCP socket that listens on the port.
listening_sockets() { # PORT
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
	    awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && $2 ~ port "$" { print $10, $8 }'
}

listens_on_ipv6() { # PORT
	awk -v port="$(printf ':%04X' "$1")" '
		$4 == "0A" && $2 ~ port "$" { found = 1 }
		END { exit !found }' /proc/net/tcp6
}

socket_holders() { # INODE
	# shellcheck disable=SC2012 # names in /proc are numbers
	ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v socket="socket:[$1]" '
		/^\/proc\// { split($0, path, "/") }
		$NF == socket { print path[3] }'
}

# Prints the users of the processes that hold the port's listening sockets. A
# socket's owner is the user that made it, and squid makes it as root.
listening_uids() { # PORT
	listening_sockets "$1" | while read -r inode uid; do
		holders=$(socket_holders "$inode")
		for pid in $holders; do
			awk '/^Uid:/ { print $3 }' "/proc/$pid/status" 2>/dev/null || :
		done
		[ -n "$holders" ] || echo "$uid"
	done | sort -un
}

# Prints the values of the option, a line each. The daemon accepts only whole
# names of options.
daemon_option() { # PID NAME
	tr '\0' '\n' <"/proc/$1/cmdline" | awk -v option="^--?$2" '
		next_is_value { print; next_is_value = 0; next }
		$0 ~ option "$" { next_is_value = 1 }
		$0 ~ option "=" { print substr($0, index($0, "=") + 1) }'
}

# The same from the file, read as the daemon does: a # starts a comment anywhere.
configured_option() { # FILE NAME
	awk -v option="$2" '
		{ sub(/#.*/, ""); gsub(/[\r\v\f]/, " ") }
		$1 == option { sub(/^[ \t]*[^ \t]+[ \t]*/, ""); print }' <"$1"
}

# The values in force: those on the command line, else those in the file.
option_in_force() { # PID NAME
	values=$(daemon_option "$1" "$2")
	config=$(daemon_option "$1" config | tail -n 1)
	if [ -z "$values" ] && [ -n "$config" ]; then
		values=$(cd "/proc/$1/cwd" && configured_option "$config" "$2") || return
	fi
	printf '%s\n' "$values"
}

# Prints the upstreams of the HandyProxy that listens on the port, if there is
# one: those of -upstream-proxy, and those of each -route, behind its blanks.
# "direct" is among them where it is in use.
daemon_upstreams() ( # PORT
	for pid in $(listening_sockets "$1" |
	    while read -r inode _; do socket_holders "$inode"; done); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = handyproxy ] || continue
		proxies=$(option_in_force "$pid" upstream-proxy) || return
		# The file, where it is needed for the proxies, can be read.
		routes=$(option_in_force "$pid" route 2>/dev/null) || routes=
		proxies=$(printf '%s\n' "$proxies" | tail -n 1)
		printf '%s\n' "${proxies:-localhost:3128}" "$routes" |
		    awk 'NF { print $NF }' | tr , '\n' |
		    sed 's,^[hH][tT][tT][pP]://,,; s,/$,,' | sort -u
		return
	done
)

ports_in_use() {
	for mapping in ${mappings:-any=$default_port}; do
		echo "${mapping##*=}"
	done | sort -un
}

learn_upstreams() {
	certainty=known
	if [ -z "$upstreams" ]; then
		for port in $(ports_in_use); do
			found=$(daemon_upstreams "$port") ||
			    fail "cannot read the configuration of the HandyProxy on port $port: name its upstream by --upstream"
			upstreams="$upstreams${found:+ $found}"
		done
		[ -n "$upstreams" ] || certainty=guessed
	fi
	for upstream in ${upstreams:-localhost:3128}; do
		[ "$upstream" = direct ] || learn_upstream "$upstream" "$certainty"
	done
}

# Adds an upstream on another host to upstream_sockets. For an upstream on this
# host, it calls the script's upstream_is_here.
learn_upstream() { # HOST[:PORT] known|guessed
	host=$1 port=3128
	case $1 in
	*\]:*) host=${1%:*} port=${1##*:} ;;
	*:*:*) ;;
	*:*) host=${1%:*} port=${1#*:} ;;
	esac
	host=${host#\[} host=${host%\]}
	port=$(decimal "$port")
	addresses=$(addresses_of "$host")
	here=
	for address in $addresses; do
		if ip route get "$address" 2>/dev/null | grep -q '^local '; then
			here=yes
		else
			upstream_sockets="$upstream_sockets $address=$port"
		fi
	done
	if [ -z "$addresses" ]; then
		complain "warning: $host does not resolve, so its address is not excluded"
		upstream_is_here "$port" unresolved
	elif [ -n "$here" ]; then
		upstream_is_here "$port" "$2"
	fi
}

# --- the rules

of_family() { # 4|6 NET[=PORT]...
	for word; do
		case $1$word in
		[46][46] | 4*:*) ;;
		4* | 6*:*) echo "$word" ;;
		esac
	done
}

# With sources of the other family only, rules of this family would apply to all
# hosts.
# shellcheck disable=SC2086 # a list
has_source() { # 4|6
	[ -z "$mappings" ] || [ -n "$(of_family "$1" $mappings)" ]
}

is_redirected() { # 4|6
	case $families in
	*"$1"*) return 0 ;;
	*) return 1 ;;
	esac
}

plan() (
	for family in $families; do
		redirections "$family"
	done
	[ -z "$reject_ipv6" ] || rejections 6
)

redirections() { # 4|6
	tcp_enters "$1 nat $nat_hook"
	rules_for "$1 nat $nat_hook"
	[ -z "$reject_quic" ] || rejections "$1"
	[ -z "$open_input" ] || for port in $(ports_in_use); do
		echo "$1 filter input tcp=$port enter"
		echo "$1 filter input tcp=$port redirected accept"
	done
}

rejections() { # 4|6
	! rejects_tcp "$1" || tcp_enters "$1 filter $filter_hook"
	[ -z "$reject_quic" ] || echo "$1 filter $filter_hook udp=443 enter"
	rules_for "$1 filter $filter_hook"
}

rejects_tcp() { # 4|6
	[ "$1$reject_ipv6" = 6yes ]
}

tcp_enters() { # PLACE
	for list in $(port_lists "$ports"); do
		echo "$1 tcp=$list enter"
	done
}

# An upstream on a host of a redirected network connects to the origins from
# there, and must not come back to HandyProxy.
# shellcheck disable=SC2086 # lists
sources_left_alone() {
	{
		printf '%s\n' $exempt_sources
		[ "$nat_hook" != prerouting ] ||
		    printf '%s\n' $upstream_sockets | sed 's/=.*//'
	} | sort -u
}

# Includes come before exclusions. Connections that would loop, or that the
# daemon would refuse, are exempt before both. "both" tells status that each
# family must have rules.
# shellcheck disable=SC2046,SC2086 # lists
rules_for() { # PLACE
	for uid in $(printf '%s\n' $exempt_uids | sort -un); do
		echo "$1 user=$uid return"
	done
	for net in $(of_family "${1%% *}" $(sources_left_alone)); do
		echo "$1 from=$net return"
	done
	case $1-$families in
	*nat*-*4*6*) echo "$1 to-this-host return both" ;;
	*) echo "$1 to-this-host return" ;;
	esac
	for socket in $(of_family "${1%% *}" $upstream_sockets); do
		echo "$1 to=${socket%=*} tcp=${socket##*=} return"
	done
	for net in $(of_family "${1%% *}" $includes); do
		verdicts "$1" "$net"
	done
	for net in $(of_family "${1%% *}" $excludes); do
		echo "$1 to=$net return"
	done
	verdicts "$1" any
}

# shellcheck disable=SC2086 # a list
verdicts() { # PLACE DESTINATION
	mapped=$(of_family "${1%% *}" $mappings)
	for mapping in ${mapped:-any=$default_port}; do
		for interface in ${interfaces:-any}; do
			match="$1 $direction=$interface from=${mapping%=*} to=$2"
			case $1 in
			*nat*) echo "$match tcp redirect=${mapping##*=}" ;;
			*)
				! rejects_tcp "${1%% *}" || echo "$match tcp reset"
				[ -z "$reject_quic" ] || echo "$match udp reject"
				;;
			esac
		done
	done
}

# For iptables it prints lines "FAMILY TABLE :CHAIN" and "FAMILY TABLE -A ...",
# for nft its commands.
render() {
	plan | vocabulary=$vocabulary awk -v nft="$([ "$program" != nft ] || echo yes)" \
	    -v nat_hook="$nat_hook" -v name="$name" -v chains="$chains" '
		BEGIN {
			count = split(ENVIRON["vocabulary"], line, "\n")
			for (i = 1; i <= count; i++) {
				split(line[i], column, " *[|] *")
				phrase[column[1]] = column[nft ? 3 : 2]
			}
			count = split(chains, pair, /[ =]/)
			for (i = 1; i <= count; i += 2)
				chain[pair[i]] = "HANDYPROXY_" pair[i + 1] name
		}
		{
			ip = $1 == 4 ? "ip" : "ip6"
			table = ip " handyproxy_" nat_hook name
			hook = nft ? $2 "_" $3 : toupper($3)
			own = nft ? hook "_rules" : chain[$3]
			rule = $NF == "enter" ? hook : own
			for (i = 4; i <= NF; i++) {
				value = word = $i
				if (!sub(/^[^=]*=/, "", value))
					value = ""
				else
					sub(/=.*/, "=", word)
				if (value == "any")
					continue
				if (nft)
					sub(/[+]$/, "*", value)
				else if (word == "tcp=" || word == "udp=")
					gsub(/-/, ":", value)
				words = phrase[word]
				sub(/%/, value, words)
				sub(/^IP/, ip, words)
				sub(/OWN$/, own, words)
				rule = rule " " words
			}
			if ($NF == "enter" && nft) {
				print "add table", table
				print "add chain", table, hook, "{ type", $2, "hook", $3,
				    "priority", ($2 == "nat" ? -100 : 0), "; policy accept ; }"
				print "add chain", table, own
			} else if ($NF == "enter")
				print $1, $2, ":" own
			print nft ? "add rule " table : $1 " " $2 " -A", rule
		}'
}

# --- the kernel's rules

one_line() {
	tr -s '\n\t^ ' ' ' | cut -c 1-400
}

# Prints the command's output, and its error messages as one line.
ask() { # COMMAND...
	{ answer=$("$@" 2>&1 >&3 3>&-) && return; } 3>&1
	complain "$* failed: $(printf '%s\n' "$answer" | one_line)"
	return 1
}

commit() { # TEXT COMMAND...
	text=$1
	shift
	if [ -n "$dry_run" ]; then
		printf "%s <<'END'\n%s\nEND\n" "$*" "$text"
		return
	fi
	answer=$(printf '%s\n' "$text" | "$@" 2>&1) && return
	complain "$* failed: $(printf '%s\n' "$answer" | one_line)"
	return 1
}

state() { # PROGRAM
	case $1 in
	nft) nft_state ;;
	*) iptables_state "$1" ;;
	esac
}

replace() { # PROGRAM PRESENT WANTED
	case $1 in
	nft) nft_replace "$2" "$3" ;;
	*) iptables_replace "$1" "$2" "$3" ;;
	esac
}

nft_state() {
	tables=$(ask nft list tables) || return
	for ip in ip ip6; do
		case "$tables " in
		*"table $ip handyproxy_$nat_hook$name"[!A-Za-z0-9_.-]*)
			ask nft --stateless list table "$ip" "handyproxy_$nat_hook$name" || return
			;;
		esac
	done
}

nft_tables() { # STATE
	printf '%s\n' "$1" | sed -n 's/^\(table .*\) {$/\1/p'
}

nft_replace() { # PRESENT WANTED
	text=$(nft_tables "$1" | sed 's/^/delete /'; printf '%s\n' "$2")
	[ -z "$text" ] || commit "$text" nft -f -
}

iptables_of() { # PROGRAM FAMILY
	case $2 in
	4) echo "$1" ;;
	6) echo "${1%iptables*}ip6tables${1##*iptables}" ;;
	esac
}

# A kernel without IPv6 has no IPv6 rules, and ip6tables fails there.
iptables_state() ( # PROGRAM
	for family in 4 6; do
		save=$(iptables_of "$1" "$family")-save
		[ "$family" = 4 ] || { has_ipv6 &&
		    command -v "$save" >/dev/null; } || continue
		tables=$(ask "$save") || exit 1
		printf '%s\n' "$tables" | awk -v family="$family" -v name="$name" -v chains="$chains" '
			BEGIN {
				count = split(chains, pair, /[ =]/)
				for (i = 2; i <= count; i += 2)
					own["HANDYPROXY_" pair[i] name]
			}
			/^\*/ { table = substr($1, 2) }
			/^:/ && substr($1, 2) in own { print family, table, $1 }
			/^-A/ && ($2 in own || $NF in own) { print family, table, $0 }'
	done
)

# Each table is one transaction. nat is last, so that redirected packets find
# all other rules in place.
iptables_replace() { # PROGRAM PRESENT WANTED
	for place in '4 filter' '6 filter' '4 nat' '6 nat'; do
		case $2$3 in
		*"$place"*) ;;
		*) continue ;;
		esac
		text=$(iptables_transaction "$place" "$2" "$3")
		commit "$text" "$(iptables_of "$1" "${place% *}")-restore" -w 60 --noflush || return
	done
}

# A jump that exists stays where it is. New jumps go to the end of nat, so that
# the administrator's own redirections come first. They go to the start of
# filter, before the administrator's rules that would accept or drop the packet.
iptables_transaction() { # PLACE PRESENT WANTED
	printf '%s\nwanted\n%s\n' "$2" "$3" | awk -v place="$1" '
		$0 == "wanted" { wanted = 1 }
		$1 " " $2 != place { next }
		{ sub(/^[^ ]* [^ ]* /, "") }
		/^:/ {
			chains[substr($1, 2)]
			if (wanted)
				kept[substr($1, 2)]
			next
		}
		$2 in chains {
			if (wanted)
				rules = rules $0 "\n"
			next
		}
		!wanted { stale[$0]++; next }
		stale[$0] > 0 { stale[$0]--; next }
		{
			if (place !~ /nat/)
				sub(/^-A/, "-I")
			rules = rules $0 "\n"
		}
		END {
			for (chain in chains)
				heads = heads ":" chain " - [0:0]\n"
			for (jump in stale)
				while (stale[jump]-- > 0)
					rules = rules "-D" substr(jump, 3) "\n"
			for (chain in chains)
				if (!(chain in kept))
					rules = rules "-X " chain "\n"
			printf "*%s\n%s%sCOMMIT\n", substr(place, 3), heads, rules
		}'
}

# --- the actions

find_program() {
	iptables=${IPTABLES:-iptables}
	case $backend in
	iptables) program=$iptables ;;
	nft) program=nft ;;
	auto)
		program=$iptables
		! command -v nft || { command -v "$iptables" && ! command -v fw4; } ||
		    program=nft
		;;
	esac >/dev/null
	command -v "$program" >/dev/null && return
	missing="$program is not found"
	[ "$backend" != auto ] || missing="neither $iptables nor nft is found"
	complain "$missing"
	[ "$action" != status ] || exit 4
	exit 1
}

# iptables is either iptables-nft or iptables-legacy.
kind_of() { # PROGRAM
	case $1,$("$1" -V 2>/dev/null) in
	nft,*) echo nft ;;
	*nf_tables*) echo iptables-nft ;;
	*) echo iptables-legacy ;;
	esac
}

# An earlier "up" may have used another program.
other_programs() {
	seen=$(kind_of "$program")
	for other in "$iptables" iptables iptables-nft iptables-legacy nft; do
		command -v "$other" >/dev/null || continue
		kind=$(kind_of "$other")
		case " $seen " in
		*" $kind "*) continue ;;
		esac
		seen="$seen $kind"
		echo "$other"
	done
}

clear_others() {
	for other in $(other_programs); do
		present=$(state "$other" 2>/dev/null) || continue
		[ -z "$present" ] || replace "$other" "$present" '' || return
	done
}

# The present rules are read, then replaced. Without a lock, two scripts at once
# would not see each other's rules. The lock ends with the process. Its file is
# accessible to root only, or any user could hold the lock. Without flock there
# is no lock.
wait_for_lock() {
	[ -z "$dry_run" ] || return 0
	{ command -v flock && (umask 077 && true 9>>"$lock"); } >/dev/null 2>&1 || return 0
	exec 9>>"$lock"
	flock 9 || :
}

has_ipv6() {
	[ -e /proc/net/if_inet6 ]
}

# Fails where the kernel has no NAT for IPv6, and prints the program's error
# message.
ask_for_ipv6_nat() {
	case $program in
	nft)
		printf '%s\n' 'add table ip6 handyproxy' \
		    'add chain ip6 handyproxy nat { type nat hook prerouting priority -100 ; }' \
		    'add rule ip6 handyproxy nat meta l4proto tcp redirect to :1' |
		    nft --check -f - 2>&1
		;;
	*) printf '%s\n' '*nat' COMMIT | "$(iptables_of "$program" 6)-restore" --test --noflush 2>&1 ;;
	esac
}

# Whether there are rules for IPv6 must be known before the first rule is set.
choose_families() {
	[ -z "$reject_ipv6" ] || wrong_usage '--ipv6 redirects what --reject-ipv6 rejects'
	families=
	for family in 4 6; do
		! has_source "$family" || families="$families $family"
	done
	is_redirected 6 || return 0
	if ! has_ipv6; then
		families=${families%6}
		is_redirected 4 ||
		    fail 'this host has no IPv6, and there is no IPv4 --source: nothing would be redirected'
		complain 'warning: this host has no IPv6, so --ipv6 has nothing to redirect'
	elif ! answer=$(ask_for_ipv6_nat); then
		fail "--ipv6: there is no NAT for IPv6 (OpenWrt: kmod-nft-nat, with iptables kmod-ipt-nat6): $(printf '%s\n' "$answer" | one_line)"
	fi
}

up() {
	if [ -n "$redirect_ipv6" ]; then
		choose_families
	elif ! has_source 4; then
		wrong_usage 'up wants an IPv4 --source beside an IPv6 one, or --ipv6'
	fi
	if [ -n "$reject_ipv6" ]; then
		has_source 6 || wrong_usage '--reject-ipv6 wants an IPv6 --source beside an IPv4 one'
		has_ipv6 || {
			complain 'warning: this host has no IPv6, so --reject-ipv6 has nothing to reject'
			reject_ipv6=
		}
	fi
	prepare
	learn_upstreams
	[ "$program$open_input" != nftyes ] ||
	    fail '--open-input: with nft no table can accept a packet that another table drops; add "ct status dnat accept" to the chain that drops'
	wait_for_lock
	before=$(state "$program") || exit 1
	wanted=$(render)
	trap 'replace "$program" "$(state "$program")" "$before"' EXIT
	trap 'exit 1' HUP INT TERM
	{ replace "$program" "$before" "$wanted" && clear_others; } || exit 1
	trap - EXIT HUP INT TERM
	warn_of_what_is_not_there
}

# An interface or a daemon may come later, so this is only a warning.
warn_of_what_is_not_there() {
	[ -z "$dry_run" ] || return 0
	for interface in $interfaces; do
		case $interface in
		*+) continue ;;
		esac
		awk -F: -v name="$interface" '
			{ sub(/^ +/, "", $1) }
			$1 == name { found = 1 }
			END { exit !found }' /proc/net/dev ||
		    complain "warning: there is no interface $interface now"
	done
	for port in $(ports_in_use); do
		if [ -z "$(listening_sockets "$port")" ]; then
			complain "warning: nobody listens on port $port yet: connections will be refused until somebody does"
		elif is_redirected 6 && ! listens_on_ipv6 "$port"; then
			complain "warning: nobody listens on port $port over IPv6: HandyProxy needs -local-address ::"
		fi
	done
}

down() {
	wait_for_lock
	present=$(state "$program") || exit 1
	{ replace "$program" "$present" '' && clear_others; } || exit 1
}

status() {
	present=$(state "$program") || exit 4
	[ -z "$present" ] || show "$program" "$present"
	for other in $(other_programs); do
		present=$(state "$other" 2>/dev/null) || continue
		[ -z "$present" ] || show "$other" "$present"
	done
	echo "${0##*/}: not up"
	exit 3
}

# A program that flushes a chain leaves it there, empty. Each of our chains must
# have rules, and must be reached: by a jump, or in nft from a hook, as its type
# shows. There must be a nat chain, whatever the options, and one for each family
# where a rule says so. "" stands for an nft table itself.
is_whole() { # STATE
	printf '%s\n' "$1" | awk '
		/IPv4-and-IPv6/ { both = 1 }
		/^[46] / {
			place = $1 " " $2
			if ($2 == "nat")
				nat[$1]
			if (sub(/^:/, "", $3))
				chains[place, $3]
			else {
				filled[place, $4]
				reached[place, $NF]
			}
			next
		}
		$1 == "table" { place = $2; chains[place, chain = ""] }
		$1 == "chain" { chains[place, chain = $2] }
		$1 == "table" || $1 == "chain" || NF < 2 { next }
		$1 == "type" {
			if ($2 == "nat")
				nat[place == "ip6" ? 6 : 4]
			reached[place, chain]
			reached[place, ""]
			next
		}
		{
			filled[place, chain]
			filled[place, ""]
			reached[place, $NF]
		}
		END {
			for (chain in chains)
				if (!(chain in filled && chain in reached))
					exit 1
			if (both && !(4 in nat && 6 in nat))
				exit 1
			exit !(4 in nat || 6 in nat)
		}'
}

# Prints the chain behind the jumps to it, which have the ports. HOOK is empty if
# the jumps are gone.
iptables_show() { # IPTABLES TABLE CHAIN HOOK
	if [ -n "$4" ]; then
		echo "$1, table $2, jumps in $4:"
		"$1" -w 60 -t "$2" -n -v -L "$4" | awk -v own="$3" 'NR == 2 || $3 == own'
	fi
	echo "$1, table $2:"
	"$1" -w 60 -t "$2" -n -v -L "$3"
}

show() { # PROGRAM STATE
	case $1 in
	nft) nft_tables "$2" | while read -r _ ip table; do nft list table "$ip" "$table"; done ;;
	*)
		printf '%s\n' "$2" | sed -n 's/^\(.\) \([a-z]*\) :/\1 \2 /p' |
		    while read -r family table chain; do
			iptables_show "$(iptables_of "$1" "$family")" "$table" "$chain" \
			    "$(printf '%s\n' "$2" | awk -v jump="$family $table $chain" '
				$1 " " $2 " " $NF == jump { print $4; exit }')"
		done
		;;
	esac
	is_whole "$2" || fail 'a part of these rules is gone: "up" mends it'
	exit 0
}

main() { # prerouting|output ACTION [OPTION [VALUE]]...
	nat_hook=$1
	action=${2-}
	case $nat_hook in
	prerouting) filter_hook=forward direction=in chains='prerouting=PRE forward=FWD input=IN' ;;
	output) filter_hook=output direction=out chains='output=OUT input=LO' ;;
	esac
	case $action in
	-h | --help | help)
		usage
		exit
		;;
	up | down | status) shift 2 ;;
	*) wrong_usage "'$action' is none of up, down, status" ;;
	esac
	parse_options "$@"
	find_program
	"$action"
}
