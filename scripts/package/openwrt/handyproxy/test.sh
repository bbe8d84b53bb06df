#!/bin/sh
# SPDX-License-Identifier: MIT
# Run on the target by OpenWrt's checks of packages: test.sh PACKAGE VERSION

[ "$1" = handyproxy ] || exit 0

handyproxy -version | grep -F "$2" || exit 1
handyproxy -check -upstream-proxy 192.0.2.1 || exit 1
/usr/libexec/handyproxy/prerouting.sh up --interface br-lan --dry-run
