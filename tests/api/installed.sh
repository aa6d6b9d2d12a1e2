#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tests/api/installed.sh BUILDDIR SOURCEDIR - installs into a scratch folder, then builds and runs the example with
# nothing but pkg-config.
set -eu
build=$1 src=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
DESTDIR=$root meson install -C "$build" --no-rebuild --tags devel,runtime >/dev/null
pc=$(find "$root" -name paprika-mem.pc)
export PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$root
flags=$(pkg-config --cflags --libs paprika-mem)
# The sysroot is put before system paths of other packages too; those are where they always were.
flags=$(printf '%s' "$flags" | sed "s|-I$root/usr/include\b|-I/usr/include|g")
cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -o "$root/example" "$src/examples/memory.c" $flags
lib=$(dirname "$(find "$root" -name 'libpaprika-mem.so' | head -1)")
LD_LIBRARY_PATH=$lib "$root/example" | tee "$root/out"
grep -q '^3 dirty pages: 7 8 100$' "$root/out"
grep -q 'answered: yes' "$root/out"
