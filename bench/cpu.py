#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/cpu.py PAPRIKA [REPETITIONS] [MIB] - guest programs beside QEMU: speed ratios by kind and their geometric means. The random accesses go
over MIB (default 256) of guest memory."""
import math
import os
import statistics
import subprocess
import sys
import tempfile

import side_by_side as sbs


def build():
    out = os.path.join(tempfile.mkdtemp(prefix="paprika-bench-"), "micro")
    subprocess.run(["powerpc64le-linux-gnu-gcc", "-O2", "-ftree-vectorize", "-static", "-mcpu=power8", "-ffp-contract=fast", "-o", out,
                    os.path.join(sbs.HERE, "guest/micro.c"), "-lm"], check=True)
    return out


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values))


def main():
    paprika = sys.argv[1]
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    mib = sys.argv[3] if len(sys.argv) > 3 else "256"
    memory = f"{max(2048, int(mib) + 1024)}M"
    initrd = sbs.initrd_with("#!/bin/busybox sh\n/bin/busybox mount -t proc proc /proc\n/bench/micro " + mib + (" only" if int(mib) > 256 else "") +
                             "\n/bin/busybox poweroff -f\n", [(build(), "/bench/micro")])
    kernel = sbs.image("kernel", "bookworm")
    append = "console=hvc0 quiet"
    commands = {"paprika": sbs.paprika_command(paprika, kernel, initrd, append, memory)}
    if sbs.qemu_version():
        commands["QEMU"] = sbs.qemu_command(kernel, initrd, append, memory)
    results = {k: {} for k in commands}
    for i in range(n):
        for name, command in commands.items():
            for mark, value in sbs.run_marked(command).items():
                results[name].setdefault(mark, []).append(value / 1e6)
            print(f"cpu {i + 1}/{n} {name}", file=sys.stderr)
    print("### Guest programs, millions of operations per second of host processor time\n")
    print(f"`bench/cpu.py build/paprika {n} {mib}`; median (smallest-largest) of {n} runs, alternating\n")
    print("| program | paprika | QEMU | speed ratio |\n|---|---|---|---|")
    ratios = {}
    for mark, ours in results["paprika"].items():
        theirs = results.get("QEMU", {}).get(mark)
        ratio = ""
        if theirs:
            r = statistics.median(ours) / statistics.median(theirs)
            ratios.setdefault(mark.split("-")[0], []).append(r)
            ratio = f"{r:.2f} x"
        print(f"| {mark} | {sbs.spread(ours, 1)} | {sbs.spread(theirs, 1) if theirs else ''} | {ratio} |")
    for kind, values in ratios.items():
        print(f"| **geometric mean, {kind}** | | | **{geometric_mean(values):.2f} x** |")
    print()


main()
