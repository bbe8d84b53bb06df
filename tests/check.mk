# SPDX-License-Identifier: MIT
# The targets for tests; GNUmakefile includes this file. See tests/run.

RUN_TESTS = BUILD=$(BUILD) CC=$(CC) $(PYTHON) tests/run
COMPILED_TESTS = $(BUILD)/handyproxy $(UNIT_TESTS) $(FUZZERS)

.PHONY: check build-tests check-unit check-fuzz check-proxy check-system check-interop \
	check-layers check-status check-hostile check-asan check-valgrind check-router check-cross \
	check-deb fuzz bench soak lint format \
	format-check coverage sizes dist

# TESTS: only these tests, as arguments of tests/run.
check: build-tests
	$(RUN_TESTS) $(TESTS)

build-tests: $(COMPILED_TESTS)

check-unit: $(UNIT_TESTS)
	$(RUN_TESTS) unit

check-fuzz: $(FUZZERS)
	$(RUN_TESTS) fuzz

check-layers check-proxy check-status check-hostile check-system check-interop: \
		$(BUILD)/handyproxy
	$(RUN_TESTS) $(@:check-%=%)

# Its browser is shown pages of made-up snapshots, too.
check-status: $(BUILD)/unit/page_test

# Sanitizers report into the log of the daemon, where the tests look for
# reports. valgrind finds leaks: the leak checker of ASan stops threads by
# ptrace(2), which the sandbox forbids.
check-asan:
	ASAN_OPTIONS=detect_leaks=0 TEST_TIMEOUT_SCALE=2 \
		$(MAKE) check SANITIZE=address,undefined

check-valgrind: $(BUILD)/handyproxy
	HANDYPROXY_VALGRIND=1 HANDYPROXY_EXTRA='-sandbox off' \
		TEST_TIMEOUT_SCALE=5 $(RUN_TESTS) $(VALGRIND_TESTS)
VALGRIND_TESTS = $(addprefix tests/proxy/test_,$(addsuffix .py,\
	request response ends failures))

# A MIPS router with 64 MiB of memory, in qemu. Its Debian packages, 55 MB, are
# downloaded once.
check-router:
	tests/router/prepare
	$(RUN_TESTS) router

# CROSS: only these of mips, mipsel, armhf, arm64 and riscv64.
check-cross:
	tests/cross/check $(CROSS)

# Runs libFuzzer. New inputs stay in build; copy useful ones to
# tests/fuzz/corpus by hand.
FUZZ_SECONDS = 600
fuzz: $(FUZZERS:$(BUILD)/fuzz/%=fuzz-%)
fuzz-%: build/libfuzzer/%
	mkdir -p build/libfuzzer/corpus/$*
	cd build/libfuzzer && ./$* -max_total_time=$(FUZZ_SECONDS) -max_len=20000 \
		-print_final_stats=1 corpus/$* \
		$(CURDIR)/tests/fuzz/corpus/$(*:_fuzz=)
.PRECIOUS: build/libfuzzer/%
build/libfuzzer/%: tests/fuzz/%.c $(SOURCES) $(wildcard src/*/*.h tests/fuzz/*.h)
	@mkdir -p $(@D)
	clang $(filter-out -MMD -MP,$(ALL_CPPFLAGS)) -Itests/fuzz -std=c11 -g -O1 \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o $@ $< $(filter-out src/main.c,$(SOURCES))

# As root: the package is installed, upgraded and purged for real. See tests/deb.
check-deb:
	tests/bare-debian tests/deb

bench: $(BUILD)/handyproxy
	tests/bench/bench --handyproxy $(CURDIR)/$(BUILD)/handyproxy $(BENCH)

soak: $(BUILD)/handyproxy
	HANDYPROXY=$(CURDIR)/$(BUILD)/handyproxy tests/soak/soak $(SOAK)
	HANDYPROXY=$(CURDIR)/$(BUILD)/handyproxy tests/soak/hostile $(SOAK)

lint:
	$(RUN_TESTS) lint

# Other versions format differently.
CLANG_FORMAT = clang-format
C_FILES = $(wildcard src/*.[ch] src/*/*.[ch] tests/*/*.[ch])
format:
	@$(CLANG_FORMAT) --version | grep -q 'version 14\.' || \
		{ echo 'format: clang-format 14 decides'; exit 1; }
	$(CLANG_FORMAT) -i $(C_FILES)
format-check:
	@$(CLANG_FORMAT) --version | grep -q 'version 14\.' || \
		{ echo 'format-check: clang-format 14 decides'; exit 1; }
	$(CLANG_FORMAT) --dry-run --Werror $(C_FILES)

# The share of the lines of src that the tests run, for each file and in all.
# With the sandbox, the processes could not write their counts.
coverage:
	$(MAKE) COVERAGE=1 coverage-lines
.PHONY: coverage-lines
coverage-lines: $(COMPILED_TESTS)
	find $(BUILD) -name '*.gcda' -delete
	-HANDYPROXY_EXTRA='-sandbox off' $(RUN_TESTS)
	gcov -n $(OBJECTS) 2>/dev/null | awk -F "[:% ']+" ' \
		/^File / { file = $$2 } \
		/^Lines / && file ~ /^src\/.*c$$/ { \
			printf "%6.1f%% of %4d  %s\n", $$3, $$5, file; \
			done += $$3 * $$5 / 100; lines += $$5; file = "" } \
		END { printf "%6.1f%% of %4d  in all\n", 100 * done / lines, lines }'

sizes:
	@tests/sizes

dist:
	mkdir -p build
	git archive --prefix=handyproxy-$(VERSION)/ \
		-o build/handyproxy-$(VERSION).tar.gz HEAD
	@echo build/handyproxy-$(VERSION).tar.gz
