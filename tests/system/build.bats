# SPDX-License-Identifier: MIT
# How the program is built: static programs need no other file, the caller's
# variables count, and `make install` knows what `make` was given.

# shellcheck disable=SC2154 # bats sets output
bats_require_minimum_version 1.5.0

repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

setup() {
	built=$BATS_TEST_TMPDIR/built
	unset CC CPPFLAGS CFLAGS LDFLAGS LDLIBS STATIC SANITIZE COVERAGE BUILD \
	    WERROR PREFIX SYSCONFDIR INIT USER_NAME V
}

need() {
	command -v "$1" > /dev/null || skip "$1 is not installed"
}

# build ARGUMENT...: nothing of it stays in the repository.
build() {
	make -C "$repository" -j2 BUILD="$built" WERROR=1 "$@"
}

# The text that a compiled file includes first.
include() {
	cat > "$BATS_TEST_TMPDIR/first.h"
}

# alone COMMAND...: in a root directory that has nothing but these files of ours.
alone() {
	local as_root=()

	[ "$(id -u)" -eq 0 ] || as_root=(unshare --map-root-user)
	"${as_root[@]}" chroot "$BATS_TEST_TMPDIR/alone" "$@"
}

# check_static COMPILER [OPTION...]: what is linked names no loader and no library,
# and starts where there is none. The link matters, not the code: it is compiled in
# the time that it takes without optimization.
check_static() {
	local headers

	build CC="$*" CFLAGS=-O0 STATIC=1 "$built/handyproxy"
	headers=$(readelf --wide --program-headers --dynamic "$built/handyproxy")
	echo "$headers"
	[[ $headers == *LOAD* ]]
	[[ $headers != *INTERP* && $headers != *'(NEEDED)'* ]]
	mkdir "$BATS_TEST_TMPDIR/alone"
	cp "$built/handyproxy" "$BATS_TEST_TMPDIR/alone"
	run -0 alone /handyproxy -version
	[[ $output == 'handyproxy '* ]]
	[ "$(id -u)" -eq 0 ] || return 0
	run -0 alone /handyproxy -check -user 65534 -upstream-proxy 127.0.0.1
	[[ $output == *'configuration ok' ]]
}

is_position_independent() {
	readelf -h "$built/handyproxy" | grep 'Type: *DYN'
}

@test "build: a static program of gcc needs no other file" {
	check_static gcc
	is_position_independent
}

@test "build: a static program of clang needs no other file" {
	need clang
	check_static clang
	is_position_independent
}

@test "build: a static program of musl-gcc needs no other file" {
	need musl-gcc
	check_static musl-gcc
}

# As the compiler of an OpenWrt SDK finds it.
@test "build: a static program of gcc with musl's folder needs no other file" {
	need musl-gcc
	local machine musl

	machine=$(gcc -print-multiarch)
	musl=${machine%-gnu}-musl
	check_static gcc -mmusl -B "/usr/lib/$musl" -L "/usr/lib/$musl" \
	    -nostdinc -isystem "/usr/include/$musl" \
	    -isystem "$(gcc -print-file-name=include)" \
	    -idirafter /usr/include -idirafter "/usr/include/$machine"
	is_position_independent
}

# A compiler whose -static-pie is something else: a wrapper around gcc's.
compiler_that() { # REPLACEMENT
	cat > "$BATS_TEST_TMPDIR/compiler" <<- END
		#!/bin/bash
		exec gcc "\${@/#-static-pie/$1}"
	END
	chmod 755 "$BATS_TEST_TMPDIR/compiler"
	echo "$BATS_TEST_TMPDIR/compiler"
}

@test "build: -static-pie is for compilers that link it without loader and libraries" {
	local options

	while read -r options wanted; do
		run -0 --separate-stderr "$repository/scripts/static-link" \
		    "$(compiler_that "$options")"
		echo "$options: $output"
		[ "$output" = "$wanted" ]
		[ -z "$stderr" ]
	done <<- 'END'
		-static-pie -static-pie
		-pie -static
		-unknown-option -static
	END
}

@test "build: code is position-independent where the program's address is not fixed" {
	local options static wanted

	while read -r options static wanted; do
		run -0 make -n -C "$repository" V=1 BUILD="$built" "$static" \
		    CC="$(compiler_that "$options")" "$built/main.o"
		echo "$options $static: $output"
		[[ $output == *" $wanted "* ]]
	done <<- 'END'
		-static-pie STATIC=1 -fPIE
		-pie STATIC=1 -fno-pie
		-pie STATIC= -fPIE
	END
}

@test "build: _FORTIFY_SOURCE is the caller's, the compiler's, or 2" {
	local given wanted object=$built/base/text.o

	while IFS='|' read -r given wanted; do
		include <<- END
			#if $wanted
			#else
			#error $given
			#endif
		END
		rm -rf "$built"
		eval "run -0 env $given make -s -C '$repository' WERROR=1 \
		    BUILD='$built' '$object' \
		    KERNEL_HEADERS='-include $BATS_TEST_TMPDIR/first.h'"
		echo "$given: $output"
		[ -e "$object" ]
	done <<- 'END'
		A=b|_FORTIFY_SOURCE == 2
		CFLAGS=-O1|_FORTIFY_SOURCE == 2
		CFLAGS='-O2 -D_FORTIFY_SOURCE=3'|_FORTIFY_SOURCE == 3
		CFLAGS='-O2 -Wp,-D_FORTIFY_SOURCE=3'|_FORTIFY_SOURCE == 3
		CPPFLAGS='-D_FORTIFY_SOURCE=1'|_FORTIFY_SOURCE == 1
		CC='gcc -D_FORTIFY_SOURCE=3'|_FORTIFY_SOURCE == 3
		CFLAGS=-O0|!defined _FORTIFY_SOURCE
		CFLAGS=|!defined _FORTIFY_SOURCE
		SANITIZE=address|!defined _FORTIFY_SOURCE
	END
}

@test "build: CC of the environment compiles and links, in a folder of its own" {
	local compiler

	compiler=$(compiler_that -static-pie)
	run -0 env CC="$compiler -DOF_THE=environment" make -n -C "$repository" V=1
	[[ $output == *"$compiler -DOF_THE=environment -D_GNU_SOURCE "* ]]
	[[ $output == *"-o build/compiler--DOF_THE-environment/handyproxy "* ]]
	run -0 env CC="$compiler" make -n -C "$repository" V=1 CC=gcc
	[[ $output != *"$compiler"* ]]
}

@test "build: what was compiled with other options is compiled again" {
	local object=$built/base/text.o

	run -0 build "$object"
	[[ $output == *CC* ]]
	run -0 build "$object"
	[[ $output != *CC* ]]
	run -0 build "$object" CFLAGS="-O1 -DWORDS='\"a \\\\b\"'"
	[[ $output == *CC* ]]
	run -0 build "$object" CFLAGS="-O1 -DWORDS='\"a \\\\b\"'" WERROR=
	[[ $output != *CC* ]]
}

# In a copy, as it is written there what make was given. The copy's program is
# a small one.
@test "build: install and uninstall know what make was given" {
	local copy=$BATS_TEST_TMPDIR/copy stage=$BATS_TEST_TMPDIR/stage

	mkdir -p "$copy/src"
	(cd "$repository" && cp -a GNUmakefile README.md CHANGES scripts iptables \
	    "$copy" && cp src/handyproxy.8 "$copy/src")
	cd "$copy"
	echo 'int main(void) { return 0; }' > src/main.c
	CC='gcc -DFIRST' CFLAGS="-O1 -DWORD='a b\$\$c'" make -s -j2 STATIC=1 \
	    PREFIX=/opt/handyproxy USER_NAME=_handyproxy
	CC=gcc run -0 make install DESTDIR="$stage"
	[[ $output != *' -c '* ]]
	cmp build/gcc--DFIRST-static/handyproxy \
	    "$stage/opt/handyproxy/sbin/handyproxy"

	grep -qx default_user=_handyproxy \
	    "$stage/opt/handyproxy/libexec/handyproxy/output.sh"

	# What they are given themselves counts.
	run -0 make install DESTDIR="$stage" PREFIX=/usr USER_NAME=third
	cmp build/gcc--DFIRST-static/handyproxy "$stage/usr/sbin/handyproxy"
	grep -qx default_user=third "$stage/usr/libexec/handyproxy/output.sh"
	make -s uninstall DESTDIR="$stage"
	[ ! -e "$stage/opt/handyproxy/sbin/handyproxy" ]
	[ -e "$stage/usr/sbin/handyproxy" ]

	# Other goals neither use nor change it, and another make begins anew.
	run -0 make -n build/gcc/handyproxy
	run ! grep -e -DFIRST <<< "$output"
	grep -q -e -DFIRST build/settings.mk
	make -s -j2 CC='gcc -O0' CFLAGS=
	run -0 make -n install DESTDIR="$stage"
	[[ $output == *' build/gcc--O0/handyproxy '* ]]
	[[ $output == *"'$stage/usr/local/sbin/handyproxy'"* ]]
}
