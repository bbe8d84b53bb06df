# shellcheck shell=sh disable=SC3043,SC2154
# SPDX-License-Identifier: MIT
# Replaces OpenWrt's /etc/rc.common and the functions around it, as far as the
# init script calls them. The script's calls of procd are written to
# /run/test/calls, and carried out. Commands run, get a HUP when a file of
# theirs has changed, and end.

calls=/run/test/calls
instances=/run/test/instances
mkdir -p "$instances"

# --- UCI: its files are almost shell

config_load() {
	CONFIG_SECTIONS=
	for list in $CONFIG_LISTS; do
		unset "$list"
	done
	CONFIG_LISTS=
	# shellcheck source=/dev/null
	. "/etc/config/$1"
}

config() {
	CONFIG_SECTION=$2
	CONFIG_SECTIONS="$CONFIG_SECTIONS $2"
	eval "CONFIG_${2}_TYPE=\$1"
}

option() {
	eval "CONFIG_${CONFIG_SECTION}_$1=\$2"
	option_cb "$1" "$2"
}

list() {
	local length

	CONFIG_LISTS="$CONFIG_LISTS CONFIG_${CONFIG_SECTION}_$1_LENGTH"
	eval "length=\$((\${CONFIG_${CONFIG_SECTION}_$1_LENGTH:-0} + 1))"
	eval "CONFIG_${CONFIG_SECTION}_$1_LENGTH=\$length"
	eval "CONFIG_${CONFIG_SECTION}_$1_ITEM$length=\$2"
	list_cb "$1" "$2"
}

# uci export handyproxy
uci() {
	sh -n "/etc/config/$2"
}

option_cb() {
	:
}

list_cb() {
	:
}

config_get() {
	eval "$1=\${CONFIG_$2_$3:-\${4-}}"
}

config_get_bool() {
	config_get "$@"
	eval "case \$$1 in
	1 | on | true | yes | enabled) $1=1 ;;
	0 | off | false | no | disabled) $1=0 ;;
	*) $1=\${4-} ;;
	esac"
}

config_foreach() {
	local function="$1" wanted="$2" section type

	shift 2
	for section in $CONFIG_SECTIONS; do
		config_get type "$section" TYPE
		[ "$type" != "$wanted" ] || "$function" "$section" "$@"
	done
}

config_list_foreach() {
	local section="$1" option="$2" function="$3" length item number=1

	config_get length "$section" "${option}_LENGTH" 0
	while [ "$number" -le "$length" ]; do
		config_get item "$section" "${option}_ITEM$number"
		"$function" "$item"
		number=$((number + 1))
	done
}

# --- procd

procd_lock() {
	:
}

procd_open_instance() {
	echo "instance $1" >> "$calls"
	instance=$instances/$1
	echo "$1" >> "$instances/named"
}

procd_set_param() {
	echo "$*" >> "$calls"
	case $1 in
	command)
		shift
		echo "$*" > "$instance.command"
		;;
	file) cat "$2" > "$instance.file.new" ;;
	error) : > "$instance.error" ;;
	esac
}

# Nothing starts an instance with an error. Others that are stopping start again
# when they have ended.
procd_close_instance() {
	if [ -e "$instance.error" ]; then
		rm "$instance.error"
		return
	elif ! is_alive "$instance"; then
		spawn "$instance"
	elif [ -e "$instance.stopping" ]; then
		spawn_after "$instance" > /dev/null 2>&1 &
	elif ! cmp -s "$instance.file" "$instance.file.new"; then
		kill -s HUP "$(cat "$instance.pid")"
	fi
	mv "$instance.file.new" "$instance.file"
}

spawn() {
	rm -f "$1.stopping"
	# shellcheck disable=SC2046 # they are words
	setsid $(cat "$1.command") > /dev/null 2>&1 &
	echo $! > "$1.pid"
}

spawn_after() {
	while is_alive "$1"; do
		sleep 0.1
	done
	spawn "$1"
}

# A dead process may not have been reaped yet.
is_alive() {
	[ -f "$1.pid" ] && grep -qs '^State:.[^Z]' "/proc/$(cat "$1.pid")/status"
}

# An instance that was stopped is forgotten when it has ended.
is_known() {
	is_alive "$1" || { [ -f "$1.pid" ] && [ ! -e "$1.stopping" ]; }
}

terminate() {
	: > "$1.stopping"
	! is_alive "$1" || kill "$(cat "$1.pid")"
}

# The instances that NAME is, or all.
instances_known() { # [NAME]
	local file

	# shellcheck disable=SC2231 # the pattern is one
	for file in "$instances"/${1:-*}.pid; do
		! is_known "${file%.pid}" || echo "${file%.pid}"
	done
}

# What OpenWrt's own say for what procd does not know.
not_found() {
	echo "Command failed: ubus call service $1 (Not found)" >&2
}

procd_kill() {
	local known

	echo "kill $*" >> "$calls"
	known=$(instances_known "$2")
	[ -n "$known" ] || not_found delete
	for instance in $known; do
		terminate "$instance"
	done
}

procd_send_signal() {
	echo "signal $*" >> "$calls"
	if is_alive "$instances/$2"; then
		kill -s "$3" "$(cat "$instances/$2.pid")"
	else
		not_found signal
	fi
}

# ubus call service list '{ "name": "handyproxy" }' | jsonfilter -e PATH
ubus() {
	:
}

jsonfilter() {
	local name="${2#*"['"}"

	case $2 in
	*.running) [ -z "$(instances_known "${name%%"']"*}")" ] || echo true ;;
	*.term_timeout) echo 60 ;;
	*) instances_known ;;
	esac
}

procd_add_reload_trigger() {
	echo "trigger $*" >> "$calls"
}

# --- rc.common

start() {
	local file name

	: > "$instances/named"
	start_service "$@"
	service_triggers
	# Instances that are no longer named end.
	for file in "$instances"/*.pid; do
		name=${file##*/}
		name=${name%.pid}
		[ -n "$1" ] || grep -qx "$name" "$instances/named" ||
		    ! is_known "${file%.pid}" || terminate "${file%.pid}"
	done
	service_started
}

stop() {
	procd_lock
	stop_service "$@"
	procd_kill handyproxy "$1"
	service_stopped
}

reload() {
	procd_lock
	reload_service "$@"
}

# logger -s -t TAG -p LEVEL MESSAGE
logger() {
	echo "logger $*" >> "$calls"
	shift 5
	echo "handyproxy: $*" >&2
}

initscript=$1
action=$2
shift 2
# shellcheck source=/dev/null
. "$initscript"
case $action in
reload) reload "$@" || restart "$@" ;;
*) "$action" "$@" ;;
esac
