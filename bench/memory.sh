#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench/memory.sh [BUILDDIR] [OUTDIR] - runs the memory core's benchmarks, keeps their lines, draws the plots.
# Under four minutes on a quiet machine; the growth run alone marks a thousand million times (GROWTH_MARKS to change).
set -eu
build=${1:-build}
out=${2:-$build/bench-memory}
top=$(cd "$(dirname "$0")/.." && pwd)
ninja -C "$build" bench/bench_memmap bench/bench_dirty bench/bench_dirty_growth bench/bench_guest_dirty >/dev/null
mkdir -p "$out"
{
    echo "# $(uname -sr), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) processors," \
        "load $(cut -d' ' -f1-3 /proc/loadavg)"
} >"$out/machine.txt"
# Apart, because the readers' part binds its threads to processors.
for part in updates readers kvm plug sitter; do "$build/bench/bench_memmap" "$part"; done >"$out/memmap.tsv"
"$build/bench/bench_dirty" >"$out/dirty.tsv"
"$build/bench/bench_guest_dirty" >"$out/guest.tsv"
"$build/bench/bench_dirty_growth" "${GROWTH_MARKS:-1000000000}" >"$out/growth.tsv"
python3 "$top/bench/memory_plot.py" "$out"
cat "$out/machine.txt" "$out/table.txt"
