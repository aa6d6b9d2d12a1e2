#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares every instruction with qemu-user, live.  usage: live.sh SOURCE-DIR BUILD-DIR [isa_live options]
# Needs gcc-powerpc64le-linux-gnu, binutils for the same, and qemu-user.
set -eu
src=$1 build=$2
shift 2
cc=${PPC_CC:-powerpc64le-linux-gnu-gcc}
qemu=${PPC_QEMU:-qemu-ppc64le}
for tool in "$cc" "$qemu"; do
    command -v "$tool" >/dev/null || {
        echo "$tool is missing: apt-get install gcc-powerpc64le-linux-gnu qemu-user" >&2
        exit 2
    }
done
# Linked far from every address that a case may touch.
"$cc" -O2 -Wall -Wextra -static -nostdlib -ffreestanding -fno-stack-protector -fno-tree-loop-distribute-patterns \
    -mcpu=power8 -mno-vsx -mno-altivec -Wl,-Ttext-segment=0x123450000,--build-id=none \
    -I"$src/tests/isa/oracle" -o "$build/tests/isa/oracle.ppc64le" "$src/tests/isa/oracle/oracle.c"
cpu=power9
for option; do
    [ "$option" != 2 ] || cpu=power8                    # --level 2
done
if [ $# -eq 0 ]; then
    for level in power8 power9; do
        "$src/tests/isa/names.py" "$build/tests/isa/isa_words" "${PPC_OBJDUMP:-powerpc64le-linux-gnu-objdump}" $level
    done
fi
if [ $# -eq 0 ]; then
    "$build/tests/isa/isa_live" --level 2 --cases 100 "$qemu" -cpu power8 "$build/tests/isa/oracle.ppc64le"
fi
exec "$build/tests/isa/isa_live" "$@" "$qemu" -cpu "$cpu" "$build/tests/isa/oracle.ppc64le"
