# waiting.bash - waits for a condition in bats files, not for a time.

# Runs the command until it succeeds; fails when the seconds, stretched by
# TEST_TIMEOUT_SCALE, are over.
wait_until() { # SECONDS COMMAND...
	local scale=${TEST_TIMEOUT_SCALE:-1}
	local end=$((SECONDS + $1 * ${scale%.*} + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}
