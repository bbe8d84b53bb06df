#!/bin/sh
# prerouting.sh - redirects other hosts' TCP connections, on the router that
# they pass, to HandyProxy.
set -eu

script=$(readlink -f "$0") || script=$0
directory=$(dirname "$script")
# shellcheck source=/dev/null
. "$directory/common.sh"

usage() {
	cat <<'END'
usage: prerouting.sh up|down|status [OPTION [VALUE]]...

Redirects the TCP connections of other hosts, which pass this router, to
HandyProxy. "up" wants --interface or --source.

  --interface IF     what comes in by IF (repeatable; ppp+ is every ppp...)
  --source NET       what comes from NET (repeatable); with --interface too,
                     both must match. 0.0.0.0/0 and ::/0 want it
END
	usage_shared
}

take_own_option() {
	return 1
}

# Redirecting what comes from everywhere would serve the whole Internet.
prepare() {
	[ -n "$interfaces$mappings" ] ||
	    wrong_usage 'up wants --interface or --source'
	case $interfaces-$mappings in
	-*/0=*) wrong_usage '--source: a network /0 is everywhere, so it wants --interface' ;;
	esac
}

# Its packets pass OUTPUT, never PREROUTING.
upstream_is_here() {
	:
}

main prerouting "$@"
