# SPDX-License-Identifier: MIT
# waiting.bash - waits for a condition in bats files, not for a time.

# Runs the command until it succeeds. A quiet machine needs at most so many
# seconds; the wait fails after ten times as many, stretched by
# TEST_TIMEOUT_SCALE.
wait_until() { # SECONDS COMMAND...
	local scale=${TEST_TIMEOUT_SCALE:-1}
	local end=$((SECONDS + 10 * $1 * ${scale%.*} + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# --- bounds on delays

# Milliseconds since the machine was started, to a hundredth of a second.
uptime_ms() {
	local uptime
	read -r uptime _ </proc/uptime
	echo "${uptime/./}0"
}

# When the process was started, in the same time. A test learns that something
# has happened later than it has.
start_ms() { # PID
	local stat
	stat=$(<"/proc/$1/stat")
	read -ra stat <<<"${stat##*) }"
	echo "${stat[19]}0"
}

# How many milliseconds a delay may seem longer than it is, here and now: ten
# times what a sleep of 0.1 s takes too long. Tests add it to their bounds.
noise_ms() {
	local before
	before=$(uptime_ms)
	sleep 0.1
	echo $((10 * ($(uptime_ms) - before - 100)))
}
