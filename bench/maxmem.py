#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/maxmem.py PAPRIKA [REPETITIONS] [QEMU_CEILINGS] - what the memory ceiling costs: process start to monitor answering, and a whole
boot, beside QEMU (QEMU_CEILINGS: comma list, default 8G,1T; 8T takes it minutes)."""
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

SIZES = {"8G": 8 << 30, "1T": 1 << 40, "2T": 2 << 40, "4T": 4 << 40, "8T": 8 << 40, "64T": 64 << 40}


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


def main():
    paprika = sys.argv[1]
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    qemu_sizes = (sys.argv[3] if len(sys.argv) > 3 else "8G,1T").split(",")
    kernel = sbs.image("kernel", "bookworm")
    initrd = sbs.initrd_with("#!/bin/busybox sh\n/bin/busybox poweroff -f\n")
    append = "console=hvc0 quiet"
    points = []
    print("### What the ceiling costs: process start to monitor answering\n")
    print("`bench/maxmem.py build/paprika`; median (smallest-largest), milliseconds\n")
    print("| ceiling | paprika | QEMU |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "qmp")
        for name, size in SIZES.items():
            ours, theirs = [], []
            for _ in range(n):
                ours.append(1000 * answer_time(sbs.paprika_command(paprika, kernel, initrd, append, extra=[
                    "--max-memory", name, "--qmp", path, "--serial", "none"]), path))
            if name in qemu_sizes and sbs.qemu_version():
                command = sbs.qemu_command(kernel, initrd, append, memory=f"2G,slots=32,maxmem={name}",
                                           extra=["-qmp", f"unix:{path},server=on,wait=off", "-S"])
                for _ in range(min(n, 3)):
                    if os.path.exists(path):
                        os.unlink(path)
                    theirs.append(1000 * answer_time(command, path))
            points.append((size, statistics.median(ours)))
            print(f"| {name}iB | {sbs.spread(ours, 1)} | {sbs.spread(theirs, 0) if theirs else 'not run'} |")
    (x0, y0), (x1, y1) = points[0], points[-1]
    print(f"\nSlope of paprika's time against the ceiling on log-log axes, 8 GiB to 64 TiB: "
          f"{math.log(y1 / y0) / math.log(x1 / x0):.3f}.\n")
    print("### Whole boot to power-off, processor seconds\n\n| ceiling | paprika |\n|---|---|")
    for name in ("8G", "1T", "8T"):
        cpu = [sbs.run(sbs.paprika_command(paprika, kernel, initrd, append, extra=["--max-memory", name]))[1] for _ in range(3)]
        print(f"| {name}iB | {sbs.spread(cpu)} |")
    print()


main()
