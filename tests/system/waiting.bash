# SPDX-License-Identifier: MIT
# waiting.bash - waits for a condition in bats files, not for a time.

# Runs the command until it succeeds. A quiet machine needs at most so many
# seconds; the wait fails after ten times as many, stretched by
# TEST_TIMEOUT_SCALE. The pauses grow, up to a tenth of a second: a command that
# is run too often takes the time of the processor from those that it waits for.
wait_until() { # SECONDS COMMAND...
	local scale=${TEST_TIMEOUT_SCALE:-1}
	local end=$((SECONDS + 10 * $1 * ${scale%.*} + 1))
	local pause_ms=10 pause
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		printf -v pause '0.%03d' "$pause_ms"
		sleep "$pause"
		pause_ms=$((pause_ms < 70 ? pause_ms * 3 / 2 : 100))
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
