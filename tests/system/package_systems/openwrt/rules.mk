# SPDX-License-Identifier: MIT
# Stands in for OpenWrt's rules.mk and package.mk, as far as our package uses
# them: it runs the package's steps for real, with the host's compiler. Run make
# with --warn-undefined-variables, because a helper that is not known here expands
# to nothing. ROOT is where the package's files go, BUILD_DIR where it is built.

INCLUDE_DIR := $(TOPDIR)/include

CP := cp -fpR
SED := sed -i -e
TARGET_CFLAGS := -O0 -D_FORTIFY_SOURCE=0
MAKE_VARS = CFLAGS="$(TARGET_CFLAGS)" LDFLAGS=
MAKE_FLAGS = CC="gcc"
