# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# packages.sh - installs the packages that quickstart and check need, by the
# distribution's own package manager. quickstart and check source it.

# A row has the use of a package, a command or file that shows whether it is
# installed, and its name for each manager. `-` means that no package fits,
# `optional:` that not every release has it. The analysers come from Debian
# alone, as other versions report other things.
packages='
USE    PROBE                               apt-get       apk           xbps-install         dnf            pacman
build  gcc                                 gcc           gcc           gcc                  gcc            gcc
build  make                                make          make          make                 make           make
build  /usr/include/stdlib.h               libc6-dev     musl-dev      -                    glibc-devel    glibc
build  /usr/include/linux/netfilter_ipv4.h linux-libc-dev linux-headers kernel-libc-headers kernel-headers linux-api-headers
demo   ip                                  iproute2      iproute2      iproute2             iproute        iproute2
demo   nft                                 nftables      nftables      nftables             nftables       nftables
demo   curl                                curl          curl          curl                 curl           curl
demo   python3                             python3       python3       python3              python3        python
demo   unshare                             util-linux    util-linux    util-linux           util-linux     util-linux
demo   setsid                              util-linux    util-linux    util-linux           util-linux     util-linux
check  bash                                bash          bash          bash                 bash           bash
check  bats                                bats          bats          bats                 bats           bats
check  pytest                              python3-pytest py3-pytest   python3-pytest       python3-pytest python-pytest
check  git                                 git           git           git                  git            git
check  ps                                  procps        procps        procps-ng            procps-ng      procps-ng
check  nsenter                             util-linux    util-linux    util-linux           util-linux     util-linux
check  iptables                            iptables      iptables      iptables             iptables-nft   iptables-nft
check  conntrack                           conntrack     conntrack-tools conntrack-tools    conntrack-tools conntrack-tools
check  strace                              strace        strace        strace               strace         strace
check  busybox                             busybox       busybox       busybox              busybox        busybox
check  mandoc                              mandoc        mandoc        mdocml               mandoc         mandoc
check  groff                               groff         groff         groff                groff          groff
check  man                                 man-db        mandoc        man-db               man-db         man-db
demo   openssl                             openssl       openssl       openssl              openssl        openssl
check  wget                                wget          wget          wget                 wget           wget
check  gnutls-cli                          gnutls-bin    gnutls-utils  gnutls-tools         gnutls-utils   gnutls
check  node                                nodejs        nodejs        nodejs               nodejs         nodejs
check  squid                               squid         squid         squid                squid          squid
check  tinyproxy                           tinyproxy     tinyproxy     tinyproxy            tinyproxy      tinyproxy
check  privoxy                             privoxy       privoxy       privoxy              privoxy        privoxy
check  cntlm                               cntlm         -             cntlm                cntlm          -
check  apache2                             apache2-bin   -             -                    -              -
check  traffic_server                      optional:trafficserver - -                 -              -
check  keepalived                          keepalived    keepalived    keepalived           keepalived     keepalived
check  dnsmasq                             dnsmasq-base  dnsmasq       dnsmasq              dnsmasq        dnsmasq
check  promtool                            prometheus    -             -                    -              -
check  clang                               clang         clang         clang                clang          clang
check  musl-gcc                            musl-tools    -             -                    musl-gcc       musl
check  mips-linux-gnu-gcc                  gcc-mips-linux-gnu -        -                    -              -
check  /usr/mips-linux-gnu/include/stdlib.h libc6-dev-mips-cross -     -                    -              -
check  qemu-mips-static                    qemu-user-static -          -                    -              -
check  valgrind                            valgrind      valgrind      valgrind             valgrind       valgrind
check  clang-format                        clang-format  -             -                    -              -
check  clang-tidy                          clang-tidy    -             -                    -              -
check  cppcheck                            cppcheck      -             -                    -              -
check  shellcheck                          shellcheck    -             -                    -              -
check  logrotate                           logrotate     logrotate     logrotate            logrotate      logrotate
check  dh                                  debhelper     -             -                    -              -
check  lintian                             lintian       -             -                    -              -
check  checkbashisms                       devscripts    -             -                    -              -
router qemu-system-mipsel                  qemu-system-mips -          -                    -              -
router mipsel-linux-gnu-gcc                gcc-mipsel-linux-gnu -      -                    -              -
router /usr/mipsel-linux-gnu/include/stdlib.h libc6-dev-mipsel-cross - -                    -              -
router depmod                              kmod          -             -                    -              -
router cpio                                cpio          -             -                    -              -
cross  mips-linux-gnu-gcc                  gcc-mips-linux-gnu -        -                    -              -
cross  /usr/mips-linux-gnu/include/stdlib.h libc6-dev-mips-cross -     -                    -              -
cross  mipsel-linux-gnu-gcc                gcc-mipsel-linux-gnu -      -                    -              -
cross  /usr/mipsel-linux-gnu/include/stdlib.h libc6-dev-mipsel-cross - -                    -              -
cross  arm-linux-gnueabihf-gcc             gcc-arm-linux-gnueabihf -   -                    -              -
cross  /usr/arm-linux-gnueabihf/include/stdlib.h libc6-dev-armhf-cross - -                  -              -
cross  aarch64-linux-gnu-gcc               gcc-aarch64-linux-gnu -     -                    -              -
cross  /usr/aarch64-linux-gnu/include/stdlib.h libc6-dev-arm64-cross - -                    -              -
cross  riscv64-linux-gnu-gcc               gcc-riscv64-linux-gnu -     -                    -              -
cross  /usr/riscv64-linux-gnu/include/stdlib.h libc6-dev-riscv64-cross - -                  -              -
cross  qemu-mips-static                    qemu-user-static -          -                    -              -
browser chromium-headless-shell            optional:chromium-headless-shell chromium chromium        chromium-headless chromium'

# Not every user's PATH has the administrators' tools.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

package_manager() {
	for manager in apt-get apk xbps-install dnf pacman; do
		! command -v "$manager" >/dev/null || break
	done
	command -v "$manager" >/dev/null || return
	echo "$manager"
}

is_there() { # PROBE
	case $1 in
	/*) [ -e "$1" ] ;;
	ip) ip netns list >/dev/null 2>&1 ;; # busybox has an ip that cannot
	pytest) /usr/bin/python3 -c 'import pytest' 2>/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# Prints "PROBE PACKAGE" for each missing probe; PACKAGE is - where the manager
# has no package for it.
missing() { # USE...
	printf '%s\n' "$packages" | awk -v uses="$*" -v manager="$(package_manager)" '
		$1 == "USE" { for (i = 3; i <= NF; i++) if ($i == manager) column = i }
		index(" " uses " ", " " $1 " ") { print $2, column ? $column : "-" }' |
	    while read -r probe package; do
		is_there "$probe" || echo "$probe $package"
	done
}

# apt_install neither starts nor enables a service that comes with a package.
apt_install() { # PACKAGE...
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		trap 'rm -f "$policy"' EXIT
		trap 'exit 1' HUP INT TERM
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	apt-get -q update || return
	for package; do
		shift
		case $package in
		optional:*)
			package=${package#*:}
			apt-cache show "$package" >/dev/null 2>&1 || continue ;;
		esac
		set -- "$@" "$package"
	done
	apt-get -q -y install --no-install-recommends "$@" || return
	! command -v update-rc.d >/dev/null || for service; do
		[ ! -e "/etc/init.d/$service" ] || update-rc.d "$service" disable
	done
}

# install_missing USE...: fails if a package cannot be installed. It ignores a
# probe without a package.
install_missing() (
	wanted=$(missing "$@" | awk '$2 != "-" { print $2 }' | sort -u)
	if [ -z "$(package_manager)" ] && [ -n "$(missing "$@")" ]; then
		echo "${0##*/}: no package manager that it knows; install by hand:" \
		    "$(missing "$@" | sed 's/ -$//' | tr '\n' ' ')" >&2
		return 1
	fi
	[ -n "$wanted" ] || return 0
	# shellcheck disable=SC2086 # words
	set -- $wanted
	echo "installing $*"
	if [ "$(id -u)" -ne 0 ]; then
		echo "${0##*/}: only root can install: $*" >&2
		return 1
	fi
	case $(package_manager) in
	apt-get) apt_install "$@" ;;
	apk) apk add "$@" ;;
	xbps-install) xbps-install -Sy "$@" ;;
	dnf) dnf -y install "$@" ;;
	pacman) pacman -Sy --noconfirm --needed "$@" ;;
	esac </dev/null
)
