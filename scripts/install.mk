# SPDX-License-Identifier: MIT
# `make install` and `make uninstall`, for GNUmakefile to include.
#
#	PREFIX		/usr/local: the program, its manual, scripts and documents
#	SYSCONFDIR	/etc: configuration and init scripts
#	DESTDIR		put in front of every path, to stage a package
#	INIT		sysv, openrc, procd, runit or none: whose init script; by
#			default that of this host, or none with a DESTDIR
#	USER_NAME	handyproxy: the user that the daemon becomes
#	STATUS_ADDRESS	none: where the installed configuration has the status
#			page, for example /run/handyproxy/handyproxy.sock
#	BUILD		build/gcc: where the program has been built
#
# Files in SYSCONFDIR that an administrator edits are written once, and removed
# only if they are unchanged.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
BUILD ?= build/gcc
USER_NAME ?= handyproxy
INIT ?= $(if $(DESTDIR),none,$(install_host_init))

install_init_expected = INIT=$(INIT): expected sysv, openrc, procd, runit or none
install_host_init = $(shell \
	if [ -x /sbin/procd ]; then echo procd; \
	elif [ -x /sbin/openrc-run ]; then echo openrc; \
	elif [ "$$(cat /proc/1/comm)" = runit ]; then echo runit; \
	elif [ -d /etc/init.d ]; then echo sysv; \
	else echo none; fi)

install_sbin = $(PREFIX)/sbin
install_man8 = $(PREFIX)/share/man/man8
install_libexec = $(PREFIX)/libexec/handyproxy
install_doc = $(PREFIX)/share/doc/handyproxy
install_etc = $(SYSCONFDIR)/handyproxy
install_init_d = $(SYSCONFDIR)/init.d
install_sv = $(SYSCONFDIR)/sv/handyproxy

# The files to install: MODE SOURCE DESTINATION, with `:` between them.
install_rules = $(wildcard iptables/*.sh)
install_documents = $(wildcard README.md CHANGES src/doc/*.md)
install_files = 755:scripts/add-user:$(install_libexec)/add-user \
	644:scripts/init/functions.sh:$(install_libexec)/init-functions.sh \
	644:src/handyproxy.8:$(install_man8)/handyproxy.8 \
	644:scripts/handyproxy.conf:$(install_doc)/handyproxy.conf \
	$(foreach script,$(install_rules),\
		$(shell [ -x $(script) ] && echo 755 || echo 644):$(strip \
		)$(script):$(install_libexec)/$(notdir $(script))) \
	$(foreach document,$(install_documents),\
		644:$(document):$(install_doc)/$(notdir $(document)))

# procd's script makes the configuration from UCI's.
install_conf = 644:scripts/handyproxy.conf:$(install_etc)/handyproxy.conf

install_files.none =
install_settings.none = $(install_conf)
install_files.sysv = \
	755:scripts/init/sysv/handyproxy:$(install_init_d)/handyproxy
install_settings.sysv = $(install_conf) \
	644:scripts/init/sysv/default:$(SYSCONFDIR)/default/handyproxy
install_files.openrc = \
	755:scripts/init/openrc/handyproxy:$(install_init_d)/handyproxy
install_settings.openrc = $(install_conf) \
	644:scripts/init/openrc/conf:$(SYSCONFDIR)/conf.d/handyproxy
install_files.procd = \
	755:scripts/init/procd/handyproxy:$(install_init_d)/handyproxy
install_settings.procd = \
	644:scripts/init/procd/config:$(SYSCONFDIR)/config/handyproxy
install_files.runit = 644:scripts/init/runit/settings:$(install_sv)/settings \
	$(foreach script,run check finish control/h control/t log/run,\
		755:scripts/init/runit/$(script):$(install_sv)/$(script))
install_settings.runit = $(install_conf) \
	644:scripts/init/runit/conf:$(install_sv)/conf

install_systems = none sysv openrc procd runit
install_directories = $(install_libexec) $(install_doc) $(install_etc) \
	$(install_sv)/control $(install_sv)/log $(install_sv)

# The files name their places and the user by the defaults. Paths that do not
# belong to SYSCONFDIR stay: /var/etc, and other programs' files in /etc. The
# user is named as such: user=handyproxy, the user `handyproxy`. The documents are
# in one folder, so links between them lose theirs.
install_edit = sed -E -e 's,/usr/local,$(PREFIX),g' -e 's,(^|[^a-z])/etc/$(strip \
	)(sv/|((default|init\.d|conf\.d|config)/)?handyproxy),$(strip \
	)\1$(SYSCONFDIR)/\2,g' \
	-e 's,^sysconfdir=/etc$$,sysconfdir=$(SYSCONFDIR),' \
	-e 's,(user|userdel|deluser|group)([ =]`?)handyproxy,\1\2$(USER_NAME),g' \
	$(if $(STATUS_ADDRESS),$(strip \
		-e 's|^#(status-address) .*|\1 $(STATUS_ADDRESS)|' \
		-e "s|^#(.option status_address) .*|\1 '$(STATUS_ADDRESS)'|")) \
	-e 's,\((src/doc|\.\./\.\.)/([A-Za-z-]*\.md),(\2,g'

# Each file is written anew and renamed, so that a running script never changes.
install_put = install -d -m 755 "$${to%/*}" && \
	$(install_edit) "$$from" > "$$to.new" && \
	chmod "$${file%%:*}" "$$to.new" && mv "$$to.new" "$$to" && \
	echo "installed $$to" || exit 1
install_split = to='$(DESTDIR)'$${file\#\#*:} from=$${file\#*:} \
	from=$${from%:*}

.PHONY: install uninstall

install: $(BUILD)/handyproxy
	$(if $(filter undefined,$(origin install_files.$(INIT))),\
		$(error $(install_init_expected)))
	install -d -m 755 '$(DESTDIR)$(install_sbin)'
	install -m 755 $(BUILD)/handyproxy '$(DESTDIR)$(install_sbin)/handyproxy'
	@set -e; for file in $(install_files) $(install_files.$(INIT)); do \
		$(install_split); $(install_put); \
	done; \
	for file in $(install_settings.$(INIT)); do \
		$(install_split); \
		if [ -e "$$to" ]; then echo "kept $$to"; \
		else $(install_put); fi; \
	done; \
	echo "init script: $(INIT)"

uninstall:
	rm -f '$(DESTDIR)$(install_sbin)/handyproxy'
	@for file in $(install_files) $(foreach \
		system,$(install_systems),$(install_files.$(system))); do \
		$(install_split); \
		[ -e "$$to" ] || continue; \
		case $$to in */init.d/*) \
			grep -qx 'prefix=$(PREFIX)' "$$to" || continue ;; \
		esac; \
		rm -f "$$to"; echo "removed $$to"; \
	done; \
	for file in $(sort $(foreach \
		system,$(install_systems),$(install_settings.$(system)))); do \
		$(install_split); \
		[ -e "$$to" ] || continue; \
		if $(install_edit) "$$from" | cmp -s - "$$to"; then \
			rm -f "$$to"; echo "removed $$to"; \
		else echo "kept $$to, as it was edited"; fi; \
	done; \
	cd '$(DESTDIR)/' && for directory in $(install_directories); do \
		rmdir "./$$directory" 2> /dev/null || :; \
	done
