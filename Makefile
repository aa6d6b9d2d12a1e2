# SPDX-License-Identifier: Apache-2.0
# A thin front of Meson: the targets people type.  `make` builds build/paprika.
BUILD ?= build
PREFIX ?= /usr/local
MESON_FLAGS ?=

.PHONY: all demo check check-quick check-isa-live bench torture fuzz install clean format

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	scripts/setup build
	meson setup $(BUILD) --prefix $(PREFIX) $(MESON_FLAGS)

demo:
	scripts/setup demo
	$(MAKE) all
	scripts/demo $(BUILD)/paprika

# Everything, as CI runs it; the last line counts.
check:
	scripts/setup check
	BUILD=$(BUILD) scripts/check

# The unit tests of one build.
check-quick: all
	meson test -C $(BUILD) --suite unit --print-errorlogs

# Random instructions against qemu-user, live.
check-isa-live:
	scripts/setup isa-live
	$(MAKE) all
	ninja -C $(BUILD) check-isa-live

bench:
	scripts/setup bench
	$(MAKE) all
	bench/run $(BUILD)/paprika

# The concurrency tortures, a minute each; TORTURE_SECONDS=N changes that.
torture: all
	meson test -C $(BUILD) --suite torture --print-errorlogs --timeout-multiplier 0

# Each libFuzzer target for FUZZ_SECONDS.
FUZZ_SECONDS ?= 60
fuzz:
	scripts/setup fuzz
	FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz $(BUILD)-fuzz

install: all
	meson install -C $(BUILD)

format:
	scripts/setup format
	git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD) $(BUILD)-clang $(BUILD)-asan $(BUILD)-tsan $(BUILD)-fuzz
