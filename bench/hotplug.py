#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/hotplug.py PAPRIKA [GIB] [QEMU_GIB] [REPETITIONS] - hot-adds GIB (default 256) to a running 129 GiB guest and
takes it away again (hash MMU, Debian 6.1).  Peers: QEMU with its default settings, QEMU_GIB (default 2: it needs about
a second per 256 MiB) and from them the time for GIB; QEMU with 16 MiB pages allowed (cap-hpt-max-page-size), GIB.
Plot: docs/img/bench-hotplug.svg.  Host memory is used only where the guest or QEMU touches it: below 6 GiB."""
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import side_by_side as sbs
import svg

# What changed in the kernel's log is told when the size of memory has stood still for two seconds.
SCRIPT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
dmesg -c >/dev/null
last= n=0
while :; do
    read -r name now unit </proc/meminfo
    [ "$now" = "$last" ] && n=$((n + 1)) || n=0
    last=$now
    echo "$name $now $unit"
    [ $n = 10 ] && { dmesg -c | grep lpar:; echo SETTLED; }
    sleep 0.2
done
"""
APPEND = "console=hvc0 quiet log_buf_len=4M"
BOOT_GIB = 129
PEERS = [("QEMU, default", ""), ("QEMU, 16M pages", ",cap-hpt-max-page-size=16m")]


class Step:
    """One change: seconds of wall and processor until the guest shows it, and what its log says of the hash table."""

    def __init__(self, name, command, gib):
        self.name, self.command, self.gib = name, command, gib
        self.wall = self.cpu = self.vmm = None
        self.attempts, self.commits = 0, []


class Guest:
    def __init__(self, command, directory):
        self.log = os.path.join(directory, "serial")
        self.qmp_path = os.path.join(directory, "qmp")
        for path in (self.log, self.qmp_path):
            if os.path.exists(path):
                os.unlink(path)
        self.child = subprocess.Popen(command(self.log, self.qmp_path), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL)
        self.wait(lambda g: g.total_gib() > BOOT_GIB * 0.97 and "SETTLED" in g.text())

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
        while not condition(self):
            if time.monotonic() > end or self.child.poll() is not None:
                raise TimeoutError(self.text()[-500:])
            time.sleep(0.02)

    def qmp(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.qmp_path)
        f = s.makefile("rw")
        f.readline()
        ask(f, "qmp_capabilities")
        return f

    def peak_mib(self):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) >> 10

    def change(self, step, action):
        """Until the guest's MemTotal has changed by the step's size."""
        want = self.total_gib() + step.gib
        seen = len(self.text())
        cpu, wall = sbs.process_seconds(self.child.pid), time.monotonic()
        answer = action()
        self.wait(lambda g: abs(g.total_gib() - want) < 0.1)
        step.cpu, step.wall = sbs.process_seconds(self.child.pid) - cpu, time.monotonic() - wall
        step.vmm = answer.get("vmm") if answer else None
        self.wait(lambda g: "SETTLED" in g.text()[seen:])
        step.attempts = self.text()[seen:].count("Attempting to resize HPT")
        step.commits = [int(ms) for ms in re.findall(r"complete \(\d+ ms / (\d+) ms\)", self.text()[seen:])]
        return step

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


def ours(paprika, kernel, initrd, gib, directory, cpus=1):
    def command(log, qmp):
        return sbs.paprika_command(paprika, kernel, initrd, APPEND + " disable_radix", f"{BOOT_GIB}G",
                                   ["--max-memory", "8T", "--cpus", str(cpus), "--qmp", qmp, "--serial", f"file:{log}"])

    def resize(size):
        out = subprocess.run([paprika, "ctl", "--qmp", guest.qmp_path, "resize", "--memory", f"{size}G", "--json"],
                             stdout=subprocess.PIPE, check=True, text=True).stdout
        return json.loads(out)

    guest = Guest(command, directory)
    try:
        steps = [guest.change(Step(f"paprika, {'add' if change > 0 else 'remove'} {gib} GiB",
                                   f"paprika ctl resize --memory {size}G", change), lambda s=size: resize(s))
                 for size, change in ((BOOT_GIB + gib, gib), (BOOT_GIB, -gib))]
        return steps, guest.peak_mib()
    finally:
        guest.end()


def theirs(kernel, initrd, gib, name, option, directory):
    def command(log, qmp):
        c = sbs.qemu_command(kernel, initrd, APPEND, f"{BOOT_GIB}G,slots=32,maxmem=512G",
                             ["-qmp", f"unix:{qmp},server=on,wait=off", "-object",
                              f"memory-backend-ram,id=boot,size={BOOT_GIB}G,reserve=off"])
        c[c.index("-M") + 1] += ",memory-backend=boot" + option
        c[c.index("stdio")] = f"file:{log}"
        return c

    guest = Guest(command, directory)
    try:
        f = guest.qmp()
        ask(f, "object-add", **{"qom-type": "memory-backend-ram", "id": "m0", "size": gib << 30, "reserve": False})
        steps = [guest.change(Step(f"{name}, add {gib} GiB", f"-M pseries{option}; device_add pc-dimm", gib),
                              lambda: ask(f, "device_add", driver="pc-dimm", id="d0", memdev="m0"))]
        if option:
            steps.append(guest.change(Step(f"{name}, remove {gib} GiB", f"-M pseries{option}; device_del", -gib),
                                      lambda: ask(f, "device_del", id="d0")))
        return steps
    finally:
        guest.end()


def row(steps):
    """Repetitions of one step."""
    s, per_block = steps[0], [1000 * x.cpu / (4 * abs(x.gib)) for x in steps]
    vmm = f"{1000 * statistics.median(x.vmm for x in steps):.0f}" if s.vmm is not None else "-"
    commits = [ms for x in steps for ms in x.commits]
    wall, cpu = (sbs.spread([getattr(x, name) for x in steps]) for name in ("wall", "cpu"))
    print(f"| {s.name} | `{s.command}` | {wall} | {cpu} | {sbs.spread(per_block, 1)} | {vmm} | "
          f"{max(x.attempts for x in steps)} | {max(commits) if commits else '-'} |")


def main():
    paprika = os.path.abspath(sys.argv[1])
    gib = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    qemu_gib = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    n = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    kernel, initrd = sbs.image("kernel", "bookworm"), sbs.initrd_with(SCRIPT)
    rows, peak, bars = {}, [], []
    with tempfile.TemporaryDirectory() as directory:
        for i in range(n):
            steps, mib = ours(paprika, kernel, initrd, gib, directory)
            peak.append(mib)
            for s in steps:
                rows.setdefault(s.name, []).append(s)
            print(f"hotplug {i + 1}/{n}", file=sys.stderr)
        for name, option in PEERS if sbs.qemu_version() and qemu_gib else []:
            for s in theirs(kernel, initrd, gib if option else qemu_gib, name, option, directory):
                rows[s.name] = [s]
            print(f"hotplug {name}", file=sys.stderr)
    print(f"### Memory hot-plug of a {BOOT_GIB} GiB guest (hash MMU, Debian 6.1)\n")
    print(f"`bench/hotplug.py build/paprika {gib} {qemu_gib} {n}`; until the guest's MemTotal shows it; "
          f"median (smallest-largest) of {n} by paprika, one run by QEMU\n")
    print("| | command | wall s | processor s | processor ms per 256 MiB block | VMM's own ms | "
          "hash table resize attempts | longest commit ms |")
    print("|---|---|---|---|---|---|---|---|")
    for name, steps in rows.items():
        row(steps)
        median = statistics.median(s.cpu for s in steps)
        if abs(steps[0].gib) < gib:
            median *= gib / steps[0].gib
            name = name.replace(f"{steps[0].gib} GiB", f"{gib} GiB *")
            print(f"| {name} | * the row above times {gib // steps[0].gib}, not run | | {median:.0f} | | | | |")
        bars.append((name, median, 0 if name.startswith("paprika") else 2))
    print(f"\npaprika's peak resident memory, the guest's memory map of {BOOT_GIB + gib} GiB included: "
          f"{sbs.spread(peak, 0)} MiB.\n")
    svg.bars(os.path.join(sbs.ROOT, "docs/img/bench-hotplug.svg"),
             f"Processor seconds to change a {BOOT_GIB} GiB guest (logarithmic)", bars)


if __name__ == "__main__":
    main()
