#!/bin/sh
# SPDX-License-Identifier: MIT
# output.sh - redirects this host's own TCP connections to HandyProxy.
# Connections of the daemon, and of an upstream proxy on this host, would be
# redirected again without end. So their users are exempt.
set -eu

script=$(readlink -f "$0") || script=$0
directory=$(dirname "$script")
# shellcheck source=/dev/null
. "$directory/common.sh"

default_user=handyproxy
user=
exempt_users=

usage() {
	cat <<'END'
usage: output.sh up|down|status [OPTION [VALUE]]...

Redirects the TCP connections of this host itself to HandyProxy.

  --user NAME        HandyProxy's user, which is exempt. The default is the user
                     of the process that listens on the port of --to-port, and
                     the user handyproxy if it exists, else nobody
  --exempt-user NAME
                     another user whose connections are not redirected
                     (repeatable). An upstream proxy on this host must have
                     such a user; "up" finds that user, unless it is root
  --interface IF     connections that leave by IF (repeatable; ppp+ is every
                     ppp...)
  --source NET       connections whose source address is in NET (repeatable)
END
	usage_shared
}

take_own_option() { # OPTION VALUE
	case $1 in
	--user) user=$2 ;;
	--exempt-user) exempt_users="$exempt_users $2" ;;
	*) return 1 ;;
	esac
	want "$1" "$2" '[A-Za-z0-9_.][A-Za-z0-9_.@$\\-]*' 'name of a user'
}

exempt() { # NAME|UID
	uid=$1
	matches "$1" '[0-9]+' || uid=$(id -u "$1" 2>/dev/null) || fail "no such user: $1"
	exempt_uids="$exempt_uids $(decimal "$uid")"
}

users_but_root() { # PORT
	listening_uids "$1" | grep -vx 0 || :
}

prepare() {
	if [ -z "$user" ]; then
		user=nobody
		! id -u "$default_user" >/dev/null 2>&1 || user=$default_user
		for port in $(ports_in_use); do
			exempt_uids="$exempt_uids $(users_but_root "$port")"
		done
	fi
	for exempt_user in $user $exempt_users; do
		exempt "$exempt_user"
	done
}

upstream_is_here() { # PORT known|guessed|unresolved
	uids=$(users_but_root "$1")
	exempt_uids="$exempt_uids $uids"
	[ -z "$uids$exempt_users" ] || return 0
	case $2-$(listening_sockets "$1") in
	unresolved-*) ;;
	guessed-) complain "warning: no HandyProxy is running, so its upstream is not known: if the upstream runs on this host, name its user by --exempt-user" ;;
	known-) fail "nothing listens on port $1, where the upstream proxy should be: start it first, or name its user by --exempt-user" ;;
	*) fail "the upstream proxy on port $1 runs as root: give it a user of its own, or name the user of its connections by --exempt-user" ;;
	esac
}

main output "$@"
