# SPDX-License-Identifier: Apache-2.0
# A thin front of Meson: the targets people type.  `make` builds build/paprika.
BUILD ?= build
PREFIX ?= /usr/local
MESON_FLAGS ?=

.PHONY: all tests demo check check-quick check-isa-live bench torture fuzz install clean format

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	scripts/setup build
	meson setup $(BUILD) --prefix $(PREFIX) $(MESON_FLAGS)

# Also the tests, which a build made before their libraries were there has not.
tests: $(BUILD)/build.ninja
	scripts/setup tests
	meson configure $(BUILD) -Dtests=enabled
	ninja -C $(BUILD)

demo:
	scripts/setup demo
	$(MAKE) all
	scripts/demo $(BUILD)/paprika

# Everything, as CI runs it; the last line counts.
check:
	scripts/setup check
	BUILD=$(BUILD) scripts/check

# The unit tests of one build.
check-quick: tests
	meson test -C $(BUILD) --suite unit --print-errorlogs

# Random instructions against qemu-user, live.
check-isa-live:
	scripts/setup isa-live
	$(MAKE) tests
	ninja -C $(BUILD) check-isa-live

bench:
	scripts/setup bench
	$(MAKE) all
	bench/run $(BUILD)/paprika

# The concurrency tortures, a minute each (TORTURE_SECONDS=N changes that); memory that comes and goes 1000 times below
# a busy guest,
# also with AddressSanitizer; Debian's kernel to its shell with each translation checked
# against the interpreter; the unit tests and the same kernel in a build where all caches of the engine are tiny
# (cpu/limits.h).
torture: tests
	meson test -C $(BUILD) --suite torture --print-errorlogs --timeout-multiplier 0
	GUEST_LOCKSTEP_SECONDS=0 tests/guest/run $(BUILD)/paprika lockstep
	GUEST_CYCLES=1000 tests/guest/run $(BUILD)/paprika memory_cycles
	test -f $(BUILD)-asan/build.ninja || CC=clang meson setup $(BUILD)-asan -Dtests=enabled -Dfuzz=true \
		-Db_sanitize=address,undefined -Db_lundef=false
	ninja -C $(BUILD)-asan paprika
	ASAN_OPTIONS=quarantine_size_mb=8 GUEST_CYCLES=1000 tests/guest/run $(BUILD)-asan/paprika memory_cycles
	test -f $(BUILD)-torture/build.ninja || meson setup $(BUILD)-torture -Dtorture=true
	ninja -C $(BUILD)-torture
	meson test -C $(BUILD)-torture --suite unit --print-errorlogs
	GUEST_PATIENCE_SECONDS=3600 tests/guest/run $(BUILD)-torture/paprika start_to_shell interpreter lockstep

# Each libFuzzer target for FUZZ_SECONDS.
FUZZ_SECONDS ?= 60
fuzz:
	scripts/setup fuzz
	FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz $(BUILD)-fuzz

# make install PREFIX=... also after a make without it.
install: all
	$(if $(filter-out file,$(origin PREFIX)),meson configure $(BUILD) --prefix $(PREFIX))
	meson install -C $(BUILD)

# Of what is not committed yet: tables and comments of the rest are laid out by hand where that reads better.
format:
	scripts/setup format
	git clang-format --force --extensions c,h HEAD

clean:
	rm -rf $(BUILD) $(BUILD)-clang $(BUILD)-asan $(BUILD)-tsan $(BUILD)-fuzz $(BUILD)-torture
