#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/boot.py PAPRIKA [REPETITIONS] - kernel boot to power-off beside QEMU: processor seconds, wall seconds, peak
resident memory."""
import statistics
import sys

import side_by_side as sbs

SCRIPT = "#!/bin/busybox sh\n/bin/busybox poweroff -f\n"


def main():
    paprika = sys.argv[1]
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    kernel = sbs.image("kernel", "bookworm")
    initrd = sbs.initrd_with(SCRIPT)
    append = "console=hvc0 quiet"
    commands = {
        "paprika": sbs.paprika_command(paprika, kernel, initrd, append),
        "paprika --engine interp": sbs.paprika_command(paprika, kernel, initrd, append, extra=["--engine", "interp"]),
    }
    if sbs.qemu_version():
        commands["QEMU"] = sbs.qemu_command(kernel, initrd, append)
    cpu, wall, rss = ({k: [] for k in commands} for _ in range(3))
    for i in range(n):
        for name, command in commands.items():
            _, c, w, r = sbs.run(command)
            cpu[name].append(c)
            wall[name].append(w)
            rss[name].append(r / 1024)
            print(f"boot {i + 1}/{n} {name}: {c:.2f} s", file=sys.stderr)
    print("### Boot of Debian's 6.1 kernel to power-off (hash MMU, 1 processor, 2 GiB)\n")
    print("`bench/boot.py build/paprika`; median (smallest-largest) of", n, "runs, alternating\n")
    print("| | processor s | wall s | peak resident MiB | processor time / QEMU |\n|---|---|---|---|---|")
    for name in commands:
        ratio = "" if "QEMU" not in cpu else f"{statistics.median(cpu[name]) / statistics.median(cpu['QEMU']):.2f} x"
        print(f"| {name} | {sbs.spread(cpu[name])} | {sbs.spread(wall[name])} | {sbs.spread(rss[name], 0)} | {ratio} |")
    print()


main()
