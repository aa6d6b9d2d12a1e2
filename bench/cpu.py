#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/cpu.py - programs inside a guest, in paprika and in QEMU: speed ratios, geometric means by kind, and whether
they compute the same.

Each machine boots once a repetition and runs all programs. The speed is work by processor second of the whole VMM
process; the guest's own clock stands beside it, and is only worth something on a quiet host. "-like": our own code of
that kind (bench/guest/); the rest
are Debian's packages. The exit status is 1 when a checksum differs or a program fails.
"""
import argparse
import collections
import math
import os
import shlex
import statistics
import sys

import side_by_side as sbs

Program = collections.namedtuple("Program", "kind name command")
GCC_PACKAGES = ["gcc-12", "libc6-dev"]
SPEED = "openssl speed -mr -seconds 2 {} 2>&1 | awk -F: '/^\\+R1?:/ {{ print \"WORK\", $2 }}'"
KEYS = "-K 000102030405060708090a0b0c0d0e0f -iv 0f0e0d0c0b0a09080706050403020100"
PRIME = "D8B2C1F95D5B4C4C5C2C0A0F1F3D6E71"

# A program without a command is a kernel of bench/guest/. Kind "check": compared, not timed.
PROGRAMS = [Program(*row) for row in [
    ("integer", "coremark-like", None),
    ("integer", "dhrystone-like", None),
    ("integer", "hash", None),
    ("integer", "qsort", None),
    ("integer", "crc32", None),
    ("integer", "sieve", None),
    ("integer", "calls", None),
    ("integer", "sqlite", "sqlite3 :memory: </bench/tables.sql"),
    ("integer", "openssl-rsa", SPEED.format("rsa2048")),
    ("integer", "7-zip", "head -c 1500000 /usr/bin/python3.11 | 7zz a -txz -mmt1 -mx3 -si -so x | md5sum"),
    ("integer", "xz", "head -c 1000000 /usr/bin/python3.11 | /usr/bin/xz -T1 -3 >/tmp/x.xz && md5sum </tmp/x.xz && "
                      "/usr/bin/xz -dc /tmp/x.xz | md5sum"),
    ("integer", "python-start", "for i in 1 2 3; do python3 -S -E -c 'print(1)'; done"),
    ("integer", "python-loop", "python3 -S -E /bench/loop.py"),
    ("double", "whetstone-like", None),
    ("double", "linpack-like", None),
    ("double", "fft", None),
    ("double", "matmul", None),
    ("double", "sin-sqrt", None),
    ("vector", "openssl-aes", SPEED.format("-bytes 16384 -evp aes-128-gcm")),
    ("vector", "openssl-sha", SPEED.format("-bytes 16384 -evp sha256")),
    ("vector", "openssl-chacha", SPEED.format("-bytes 16384 -evp chacha20-poly1305")),
    ("vector", "memcpy", None),
    ("vector", "saxpy", None),
    ("memory", "stream-like", None),
    ("memory", "chase", None),
    ("memory", "store-seq", None),
    ("memory", "store-random", None),
    ("memory", "load-random", None),
    ("check", "openssl-sums", "cd /usr/bin; openssl dgst -sha1 7zz; openssl dgst -sha256 7zz; "
                              "openssl dgst -sha512 7zz; openssl dgst -sha3-256 7zz; "
                              "openssl dgst -sha256 -mac poly1305 -macopt hexkey:" + 64 * "5" + " 7zz 2>&1 | "
                              "head -c 80; for c in aes-128-cbc aes-128-ctr camellia-128-cbc; do "
                              f"openssl enc -$c {KEYS} -in 7zz | tee /tmp/c | md5sum; "
                              f"openssl enc -d -$c {KEYS} -in /tmp/c | md5sum; done; "
                              f"openssl enc -chacha20 -K {64 * '7'} -iv {32 * '3'} -in 7zz | md5sum; "
                              "openssl prime -hex " + PRIME),
]]
GCC = Program("integer", "gcc", "for f in integer float memory; do gcc-12 -O2 -c -o /tmp/$f.o /bench/src/$f.c && "
                                "md5sum </tmp/$f.o; done")


def initrd(programs, mib):
    script = ["#!/bin/busybox sh", "/bin/busybox --install -s /bin", "mount -t proc proc /proc",
              "export PATH=/usr/bin:/bin HOME=/root"]
    for p in programs:
        script.append(f"/bench/guest run {p.name} {shlex.quote(p.command)}" if p.command
                      else f"/bench/guest kernel {p.name} {mib}")
    script.append("poweroff -f\n")
    here = os.path.join(sbs.HERE, "guest")
    files = [(sbs.bench_guest(), "/bench/guest"), (os.path.join(here, "tables.sql"), "/bench/tables.sql"),
             (os.path.join(here, "loop.py"), "/bench/loop.py")]
    archives = []
    if any(p.command for p in programs):
        archives.append(sbs.image("packages", *sbs.PACKAGES))
    if GCC in programs:
        archives.append(sbs.image("packages", *GCC_PACKAGES))
        files += [(os.path.join(here, f), "/bench/src/" + f) for f in ("bench.h", "integer.c", "float.c", "memory.c")]
    return sbs.initrd_with("\n".join(script), files, archives)


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values))


def complaints(programs, results):
    """What is wrong: a program that did not end, failed, or gave another sum somewhere."""
    for p in programs:
        runs = [(machine, r) for machine, by_name in results.items() for r in by_name[p.name]]
        for machine, r in runs:
            if r is None:
                yield f"{p.name}: did not end in {machine}"
            elif r.status:
                yield f"{p.name}: status {r.status} in {machine}"
        sums = {r.sum for _, r in runs if r}
        if len(sums) > 1:
            yield f"{p.name}: different results: " + ", ".join(f"{machine} {r.sum}" for machine, r in runs if r)


def speeds(runs, guest=False):
    return [r.work / max(r.guest_s if guest else r.cpu_s, 0.01) for r in runs if r]


def table(programs, results):
    """Prints it; returns [(kind, name, ratio)]."""
    ratios = []
    unit = "processor s"
    print(f"| program | kind | paprika, {unit} | QEMU, {unit} | speed ratio | by the guest's clock |")
    print("|---|---|---|---|---|---|")
    for p in programs:
        ours, theirs = results["paprika"][p.name], results.get("QEMU", {}).get(p.name, [])
        cells = []
        # Seconds for the work that our first run did: programs of a fixed time did different amounts.
        work = next((r.work for r in ours if r), 1)
        for runs in (ours, theirs):
            cells.append(sbs.spread([work / s for s in speeds(runs)]) if speeds(runs) else "")
        ratio = guest = ""
        if speeds(ours) and speeds(theirs) and p.kind != "check":
            r = statistics.median(speeds(ours)) / statistics.median(speeds(theirs))
            ratios.append((p.kind, p.name, r))
            ratio = f"{r:.2f} x"
            guest = f"{statistics.median(speeds(ours, True)) / statistics.median(speeds(theirs, True)):.2f} x"
        print(f"| {p.name} | {p.kind} | {cells[0]} | {cells[1]} | {ratio} | {guest} |")
    for kind in dict.fromkeys(k for k, _, _ in ratios):
        mean = geometric_mean([r for k, _, r in ratios if k == kind])
        print(f"| **geometric mean, {kind}** | | | | **{mean:.2f} x** | |")
    print()
    return ratios


def plot(ratios, path):
    """Bars by program, speed relative to QEMU, logarithmic."""
    colours = {"integer": "#1b6ca8", "double": "#2a9d8f", "vector": "#e76f51", "memory": "#9b5de5"}
    left, top, row, w = 130, 48, 20, 480
    low, high = 0.5, max(4, 2 ** math.ceil(math.log2(max(r for _, _, r in ratios))))
    height = top + row * len(ratios) + 20

    def at(r):
        return left + w * math.log(max(r, low) / low) / math.log(high / low)

    body = [f'<text x="{left}" y="20">Speed of guest programs, paprika / QEMU (logarithmic)</text>']
    tick = low
    while tick <= high:
        body.append(f'<line x1="{at(tick):.1f}" x2="{at(tick):.1f}" y1="{top - 6}" y2="{height - 20}" '
                    f'stroke="{"#888" if tick == 1 else "#ddd"}"/>'
                    f'<text x="{at(tick):.1f}" y="{top - 10}" text-anchor="middle">{tick:g}</text>')
        tick *= 2
    for i, (kind, name, r) in enumerate(ratios):
        y, a, b = top + row * i, *sorted((at(1), at(r)))
        body.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{name}</text>'
                    f'<rect x="{a:.1f}" y="{y + 2}" width="{b - a:.1f}" height="{row - 6}" fill="{colours[kind]}"/>'
                    f'<text x="{b + 5:.1f}" y="{y + 13}">{r:.2f}</text>')
    with open(path, "w", encoding="utf-8") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + w + 70} {height}" '
                f'font-family="sans-serif" font-size="12">'
                f'<rect width="100%" height="100%" fill="white"/>{"".join(body)}</svg>\n')


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("paprika")
    p.add_argument("--repeat", type=int, default=3)
    p.add_argument("--programs", help="a,b,...: only these, or all of a kind")
    p.add_argument("--with", dest="extra", choices=["gcc"],
                   help="gcc: compile files too (an initramfs of 220 MiB more)")
    p.add_argument("--mib", type=int, default=256, help="memory that store-* and load-random go over")
    p.add_argument("--plot", help="write the ratios as SVG")
    p.add_argument("--no-qemu", action="store_true")
    args = p.parse_args()
    programs = PROGRAMS + ([GCC] if args.extra else [])
    if args.programs:
        names = args.programs.split(",")
        unknown = set(names) - {p.name for p in programs} - {p.kind for p in programs}
        if unknown:
            p.error("no program " + ", ".join(sorted(unknown)))
        programs = [p for p in programs if p.name in names or p.kind in names]
    return args, programs


def main():
    args, programs = arguments()
    memory = f"{max(2048, args.mib + 1024)}M"
    kernel, rd, append = sbs.image("kernel", "bookworm"), initrd(programs, args.mib), "console=hvc0 quiet"
    commands = {"paprika": sbs.paprika_command(args.paprika, kernel, rd, append, memory)}
    if sbs.qemu_version() and not args.no_qemu:
        commands["QEMU"] = sbs.qemu_command(kernel, rd, append, memory)
    results = {m: {p.name: [] for p in programs} for m in commands}
    for i in range(args.repeat):
        for machine, command in commands.items():
            print(f"cpu {i + 1}/{args.repeat} {machine}", file=sys.stderr)
            got = sbs.run_programs(command)
            for p in programs:
                results[machine][p.name].append(got.get(p.name))
    print("### Guest programs\n")
    print(f"{sbs.machine()}; {sbs.qemu_version() or 'no QEMU'}; median (smallest-largest) of {args.repeat} runs, "
          "alternating\n")
    ratios = table(programs, results)
    wrong = list(complaints(programs, results))
    print("\n".join(wrong) if wrong else "All programs computed the same in all runs.")
    print()
    if args.plot and ratios:
        plot(ratios, args.plot)
    sys.exit(1 if wrong else 0)


main()
