#!/bin/sh
# SPDX-License-Identifier: MIT
# prerouting.sh - redirects other hosts' TCP connections to HandyProxy, on the
# router that they pass.
set -eu

script=$(readlink -f "$0") || script=$0
directory=$(dirname "$script")
# shellcheck source=/dev/null
. "$directory/common.sh"

usage() {
	cat <<'END'
usage: prerouting.sh up|down|status [OPTION [VALUE]]...

Redirects the TCP connections of other hosts, which pass this router, to
HandyProxy. "up" needs --interface or --source.

  --interface IF     connections that come in by IF (repeatable; ppp+ is every
                     ppp...)
  --source NET       connections from NET (repeatable); with --interface, both
                     must match. 0.0.0.0/0 and ::/0 need --interface
END
	usage_shared
}

take_own_option() {
	return 1
}

# Redirecting connections from everywhere would serve the whole Internet.
prepare() {
	[ -n "$interfaces$mappings" ] ||
	    wrong_usage 'up wants --interface or --source'
	case $interfaces-$mappings in
	-*/0=*) wrong_usage '--source: a network /0 is everywhere, so it wants --interface' ;;
	esac
}

# Packets of an upstream on this host pass OUTPUT, never PREROUTING.
upstream_is_here() {
	:
}

main prerouting "$@"
