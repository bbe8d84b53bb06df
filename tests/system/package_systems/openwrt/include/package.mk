# SPDX-License-Identifier: MIT
# See rules.mk.

PKG_BUILD_DIR := $(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
PKG_JOBS := -j2

Build/Compile = $(MAKE_VARS) $(MAKE) $(PKG_JOBS) -C $(PKG_BUILD_DIR) $(MAKE_FLAGS)

# What OpenWrt asks a package for.
needed = $(foreach name,PKG_RELEASE PKG_MAINTAINER PKG_LICENSE PKG_BUILD_PARALLEL \
	Package/$(1) Package/$(1)/description Package/$(1)/conffiles,\
	$(if $(filter undefined,$(flavor $(name))),$(error $(name) is not defined)))

define conffiles_exist
$(foreach file,$(Package/$(1)/conffiles),test -e $(ROOT)$(file) &&) true
endef

define BuildPackage
$(call needed,$(1))
.PHONY: all
all:
	$$(Build/Prepare)
	$$(Build/Compile)
	$$(call Package/$(1)/install,$(ROOT))
	$$(call conffiles_exist,$(1))
endef
