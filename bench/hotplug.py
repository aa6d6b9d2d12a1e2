#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/hotplug.py PAPRIKA [GIB] [QEMU_GIB] [REPETITIONS] - hot-adds GIB (default 256) to a running 129 GiB guest and takes it away again (hash
MMU, Debian 6.1, default settings), and hot-adds QEMU_GIB (default 4; QEMU needs about a second per 256 MiB) to the same guest in QEMU.
Host memory is used only where the guest touches it: about 1 GiB in all."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

import side_by_side as sbs

SCRIPT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
while :; do /bin/busybox grep MemTotal /proc/meminfo; /bin/busybox sleep 0.1; done
"""
BOOT_GIB = 129


class Guest:
    def __init__(self, command, directory):
        self.log = os.path.join(directory, "serial")
        self.qmp_path = os.path.join(directory, "qmp")
        for path in (self.log, self.qmp_path):
            if os.path.exists(path):
                os.unlink(path)
        self.child = subprocess.Popen(command(self.log, self.qmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def total_gib(self):
        found = re.findall(r"MemTotal:\s+(\d+) kB", self.text())
        return int(found[-1]) / (1 << 20) if found else 0

    def wait(self, condition, seconds=1800):
        end = time.monotonic() + seconds
        while not condition(self.total_gib()):
            if time.monotonic() > end or self.child.poll() is not None:
                raise TimeoutError(self.text()[-500:])
            time.sleep(0.05)

    def qmp(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.qmp_path)
        f = s.makefile("rw")
        f.readline()
        return f

    def end(self):
        self.child.kill()
        self.child.wait()


def ask(f, execute, **arguments):
    f.write(json.dumps({"execute": execute, "arguments": arguments}) + "\n")
    f.flush()
    while True:
        answer = json.loads(f.readline())
        if "return" in answer or "error" in answer:
            assert "return" in answer, answer
            return answer["return"]


def timed(guest, action, condition):
    """(processor seconds, wall seconds) of the host process until the guest shows the result."""
    cpu, wall = sbs.process_seconds(guest.child.pid), time.monotonic()
    action()
    guest.wait(condition)
    return sbs.process_seconds(guest.child.pid) - cpu, time.monotonic() - wall


def ours(paprika, kernel, initrd, gib, directory):
    def command(log, qmp):
        return sbs.paprika_command(paprika, kernel, initrd, "console=hvc0 quiet", f"{BOOT_GIB}G",
                                   ["--max-memory", "8T", "--qmp", qmp, "--serial", f"file:{log}"])

    def resize(size):
        return subprocess.run([paprika, "ctl", "--qmp", guest.qmp_path, "resize", "--memory", f"{size}G", "--json"],
                              stdout=subprocess.DEVNULL, check=True)

    guest = Guest(command, directory)
    try:
        guest.wait(lambda t: t > BOOT_GIB * 0.97)
        time.sleep(1)
        add = timed(guest, lambda: resize(BOOT_GIB + gib), lambda t: t > (BOOT_GIB + gib) * 0.97)
        remove = timed(guest, lambda: resize(BOOT_GIB), lambda t: t < BOOT_GIB + 0.1)
        with open(f"/proc/{guest.child.pid}/status", encoding="ascii") as f:
            rss = int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) >> 10
        return add, remove, rss
    finally:
        guest.end()


def theirs(kernel, initrd, gib, directory):
    def command(log, qmp):
        c = sbs.qemu_command(kernel, initrd, "console=hvc0 quiet", f"{BOOT_GIB}G,slots=32,maxmem=512G",
                             ["-qmp", f"unix:{qmp},server=on,wait=off", "-object",
                              f"memory-backend-ram,id=boot,size={BOOT_GIB}G,reserve=off"])
        c[c.index("-M") + 1] += ",memory-backend=boot"
        c[c.index("stdio")] = f"file:{log}"
        return c

    def plug():
        f = guest.qmp()
        ask(f, "qmp_capabilities")
        ask(f, "object-add", **{"qom-type": "memory-backend-ram", "id": "m0", "size": gib << 30, "reserve": False})
        ask(f, "device_add", driver="pc-dimm", id="d0", memdev="m0")

    guest = Guest(command, directory)
    try:
        guest.wait(lambda t: t > BOOT_GIB * 0.97)
        time.sleep(1)
        before = guest.total_gib()
        return timed(guest, plug, lambda t: t > before + gib - 0.1)
    finally:
        guest.end()


def main():
    paprika = os.path.abspath(sys.argv[1])
    gib = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    qemu_gib = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    n = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    kernel, initrd = sbs.image("kernel", "bookworm"), sbs.initrd_with(SCRIPT)
    rows, peak = {}, []
    with tempfile.TemporaryDirectory() as directory:
        for i in range(n):
            add, remove, rss = ours(paprika, kernel, initrd, gib, directory)
            rows.setdefault((f"paprika, add {gib} GiB", gib), []).append(add)
            rows.setdefault((f"paprika, remove {gib} GiB", gib), []).append(remove)
            peak.append(rss)
            if sbs.qemu_version() and qemu_gib:
                rows.setdefault((f"QEMU, add {qemu_gib} GiB", qemu_gib), []).append(theirs(kernel, initrd, qemu_gib, directory))
            print(f"hotplug {i + 1}/{n}", file=sys.stderr)
    print(f"### Memory hot-plug of a {BOOT_GIB} GiB guest (hash MMU, Debian 6.1, default settings)\n")
    print(f"`bench/hotplug.py build/paprika {gib} {qemu_gib} {n}`; median (smallest-largest) of {n}; until the guest's MemTotal shows it\n")
    print("| | processor s | wall s | processor ms per 256 MiB block |\n|---|---|---|---|")
    for (name, size), values in rows.items():
        cpu, wall = [v[0] for v in values], [v[1] for v in values]
        print(f"| {name} | {sbs.spread(cpu)} | {sbs.spread(wall)} | {sbs.spread([1000 * c / (4 * size) for c in cpu], 1)} |")
    print(f"\npaprika's peak resident memory, the guest's memory map of {BOOT_GIB + gib} GiB included: {sbs.spread(peak, 0)} MiB.\n")


main()
