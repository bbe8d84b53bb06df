# SPDX-License-Identifier: MIT
# The installed shell scripts, checked by analysers.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	scripts=(scripts/add-user scripts/init/functions.sh
	    scripts/init/*/handyproxy scripts/init/runit/log/run
	    scripts/init/runit/control/* scripts/init/runit/run
	    scripts/init/runit/check scripts/init/runit/finish
	    scripts/init/runit/settings)
	settings=(scripts/init/sysv/default scripts/init/openrc/conf
	    scripts/init/runit/conf)
}

@test "init: shellcheck finds nothing" {
	command -v shellcheck > /dev/null || skip "shellcheck is not installed"
	shellcheck "${scripts[@]}"
	shellcheck --shell=sh "${settings[@]}"
	# The examples in comments are checked, too.
	for file in "${settings[@]}"; do
		sed 's/^#\([A-Za-z"	]\)/\1/' "$file" > "$BATS_TEST_TMPDIR/shown"
		grep -q '^RULES=' "$BATS_TEST_TMPDIR/shown"
		shellcheck --shell=sh --exclude=SC2034 "$BATS_TEST_TMPDIR/shown"
	done
}

@test "init: checkbashisms finds nothing" {
	command -v checkbashisms > /dev/null ||
	    skip "checkbashisms is not installed"
	# ash has local, and only ash runs this script.
	for script in "${scripts[@]}"; do
		[ "$script" = scripts/init/procd/handyproxy ] ||
		    checkbashisms --force "$script"
	done
}

@test "init: dash and busybox ash can parse it all" {
	for script in "${scripts[@]}" "${settings[@]}"; do
		dash -n "$script"
		busybox ash -n "$script"
	done
}
