#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/maxmem.py PAPRIKA [REPETITIONS] [QEMU_CEILINGS] - what the memory ceiling costs: process start to monitor
answering, and a whole boot, beside QEMU (QEMU_CEILINGS: comma list, default 8G,1T,2T,4T; 8T takes it minutes).
Plot: docs/img/bench-maxmem.svg."""
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import side_by_side as sbs
import svg

SIZES = {"8G": 8 << 30, "1T": 1 << 40, "2T": 2 << 40, "4T": 4 << 40, "8T": 8 << 40, "64T": 64 << 40}

APPEND = "console=hvc0 quiet"


def answer_time(command, path, timeout=600):
    """Seconds until a QMP greeting and one answer; the process is ended."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - begin < timeout:
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(path)
                f = s.makefile("rw")
                f.readline()
                for request in ("qmp_capabilities", "query-status"):
                    f.write(json.dumps({"execute": request}) + "\n")
                    f.flush()
                    f.readline()
                return time.monotonic() - begin
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.0005)
            finally:
                s.close()
        raise TimeoutError
    finally:
        child.kill()
        child.wait()


def slope(points):
    """Of the line through first and last point on log-log axes."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return math.log(y1 / y0) / math.log(x1 / x0)


def set_up(paprika, kernel, initrd, n, qemu_sizes):
    ours, theirs = [], []
    print("### What the ceiling costs: process start to monitor answering\n")
    print(f"`bench/maxmem.py build/paprika {n} {','.join(qemu_sizes)}`; median (smallest-largest), milliseconds\n")
    print("| ceiling | paprika run --max-memory CEILING | qemu-system-ppc64 -m 2G,slots=32,maxmem=CEILING |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "qmp")
        for name, size in SIZES.items():
            mine = [answer_time(sbs.paprika_command(paprika, kernel, initrd, APPEND, extra=[
                "--max-memory", name, "--qmp", path, "--serial", "none"]), path) for _ in range(n)]
            ours.append((size, statistics.median(mine)))
            peer = []
            if name in qemu_sizes and sbs.qemu_version():
                command = sbs.qemu_command(kernel, initrd, APPEND, memory=f"2G,slots=32,maxmem={name}",
                                           extra=["-qmp", f"unix:{path},server=on,wait=off", "-S"])
                for _ in range(1 if size > 1 << 41 else min(n, 3)):
                    if os.path.exists(path):
                        os.unlink(path)
                    peer.append(answer_time(command, path))
                theirs.append((size, statistics.median(peer)))
            milliseconds = [sbs.spread([1000 * t for t in times], 1) if times else "not run" for times in (mine, peer)]
            print(f"| {name}iB | {milliseconds[0]} | {milliseconds[1]} |")
    series = {f"paprika: slope {slope(ours):.2f}": ours}
    if len(theirs) > 1:
        series[f"QEMU: slope {slope(theirs[-2:]):.2f} at the end"] = theirs
    print("\nSlope against the ceiling on log-log axes (paprika: first to last point; QEMU: the last two): "
          f"{', '.join(series)}.\n")
    svg.loglog(os.path.join(sbs.ROOT, "docs/img/bench-maxmem.svg"),
               "Process start to monitor answering, against the memory ceiling (log-log)",
               series, lambda size: next(n + "iB" for n, s in SIZES.items() if s == size))


def boots(paprika, kernel, initrd):
    """What the guest itself does for a higher ceiling is in its instructions."""
    print("### Whole boot to power-off\n\n`paprika run --max-memory CEILING --json`; median (smallest-largest) of 3\n")
    print("| ceiling | processor s | million guest instructions | "
          "our resident MiB (the guest's memory and hash table left out) |\n|---|---|---|---|")
    own = {}
    for name in ("8G", "1T", "8T"):
        command = sbs.paprika_command(paprika, kernel, initrd, APPEND, extra=["--max-memory", name, "--json"])
        runs = [sbs.run(command) for _ in range(3)]
        reports = [json.loads(text.strip().splitlines()[-1]) for text, *_ in runs]
        own[name] = statistics.median(r["own_bytes"] for r in reports)
        instructions = sbs.spread([r["instructions"] / 1e6 for r in reports], 0)
        print(f"| {name}iB | {sbs.spread([r[1] for r in runs])} | {instructions} | {own[name] / (1 << 20):.1f} |")
    print(f"\nBytes of ours per possible block of 256 MiB, 8 GiB to 8 TiB: "
          f"{max(0, own['8T'] - own['8G']) / ((SIZES['8T'] - SIZES['8G']) >> 28):.1f} "
          "(median of 3, within the noise of a page or two).\n")


def main():
    paprika = os.path.abspath(sys.argv[1])
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    qemu_sizes = (sys.argv[3] if len(sys.argv) > 3 else "8G,1T,2T,4T").split(",")
    kernel = sbs.image("kernel", "bookworm")
    initrd = sbs.initrd_with("#!/bin/busybox sh\n/bin/busybox poweroff -f\n")
    set_up(paprika, kernel, initrd, n, qemu_sizes)
    boots(paprika, kernel, initrd)


main()
