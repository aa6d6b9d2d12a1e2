#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/smp.py - what a second processor gives a guest: the speed of two together by that of one alone, in paprika and
in QEMU (MTTCG).

Each machine has two processors and boots once a repetition; each program runs alone, then two of it at once ("own":
they share nothing but the kernel; "code": they run the same files), or its work by one thread, then by two
("shared"). Speeds are by the guest's clock, so the host must have two processors with nothing else to do: what the
same programs, compiled for the host, gain there stands beside it as the measure of that. The exit status is 1 when a
checksum differs or a program fails.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import hotplug
import side_by_side as sbs

OWN = ["coremark-like", "dhrystone-like", "qsort", "calls"]
SHARED = ["counter", "lock", "queue"]
CODE = {
    "python-loop": "python3 -S -E /bench/loop.py",
    "python-start": "for i in 1 2 3; do python3 -S -E -c 'print(1)'; done",
    "openssl-sums": "for c in sha1 sha256 sha3-256; do openssl dgst -$c /usr/bin/7zz; done",
}
KINDS = {**dict.fromkeys(OWN, "own"), **dict.fromkeys(SHARED, "shared"), **dict.fromkeys(CODE, "code")}
GIB = 64        # hot-added


def command(name, n, guest, tmp):
    """A shell command that does the work with n processors, and prints the same whatever n and the order are."""
    if name in SHARED:
        return f"{guest} kernel {name} {n} | grep -v BEGIN | cut -d' ' -f5"
    one = f"{guest} kernel {name} 1 | grep -v BEGIN | cut -d' ' -f5" if name in OWN else CODE[name]
    started = " ".join(f"({one}) >{tmp}/{i} &" for i in range(n))
    return f"({started} wait; cat {tmp}/[0-{n - 1}] | sort -u; echo WORK {n})"


def script(names, guest, tmp="/tmp"):
    # What has to be read and translated once, is.
    lines = [f"{CODE[name]} >/dev/null" for name in names if name in CODE]
    lines += [f"{guest} run {name}.{n} " + "'" + command(name, n, guest, tmp).replace("'", "'\\''") + "'"
             for name in names for n in (1, 2)]
    return "\n".join(lines) + "\n"


def initrd():
    head = "#!/bin/busybox sh\n/bin/busybox --install -s /bin\nmount -t proc proc /proc\nexport PATH=/usr/bin:/bin\n"
    return sbs.initrd_with(head + script(KINDS, "/bench/guest") + "poweroff -f\n",
                           [(sbs.bench_guest(), "/bench/guest"),
                            (os.path.join(sbs.HERE, "guest", "loop.py"), "/bench/loop.py")],
                           [sbs.image("packages", *sbs.PACKAGES)])


def gains(results, name, seconds):
    """Speed of two by that of one, a value for each repetition; by the guest's clock ("guest_s"), or by processor time
    ("cpu_s"): what the second would give if neither ever waited."""
    both = 2 if seconds == "cpu_s" else 1
    pairs = [(r.get(name + ".1"), r.get(name + ".2")) for r in results]
    return [both * (two.work / getattr(two, seconds)) / (one.work / getattr(one, seconds))
            for one, two in pairs if one and two]


def complaints(results):
    for name in KINDS:
        runs = [(machine, r.get(f"{name}.{n}")) for machine, all_runs in results.items() if machine != "host"
                for r in all_runs for n in (1, 2)]
        if any(r is None or r.status for _, r in runs):
            ill = {machine for machine, r in runs if r is None or r.status}
            yield f"{name}: did not end well in " + ", ".join(sorted(ill))
        if len({r.sum for _, r in runs if r}) > 1:
            yield f"{name}: different results: " + ", ".join(f"{machine} {r.sum}" for machine, r in runs if r)


def speed_of_two(results, name):
    return statistics.median(r[name + ".2"].work / r[name + ".2"].guest_s for r in results if name + ".2" in r)


def table(results):
    print("| program | kind | paprika | by processor time | QEMU | by processor time | the host itself | "
          "speed of two, paprika / QEMU |")
    print("|---|---|---|---|---|---|---|---|")
    for name, kind in KINDS.items():
        cells = []
        for machine, seconds in (("paprika", "guest_s"), ("paprika", "cpu_s"), ("QEMU", "guest_s"), ("QEMU", "cpu_s"),
                                 ("host", "guest_s")):
            values = gains(results.get(machine, []), name, seconds)
            cells.append(sbs.spread(values) + " x" if values else "")
        both = all(gains(results.get(m, []), name, "guest_s") for m in ("paprika", "QEMU"))
        two = [speed_of_two(results[m], name) for m in ("paprika", "QEMU")] if both else None
        cells.append(f"{two[0] / two[1]:.2f} x" if both else "")
        print(f"| {name} | {kind} | {' | '.join(cells)} |")
    print()


def hot_add(paprika, directory):
    """Steps of machines with one processor and with two; the two machines differ in nothing else."""
    kernel, rd = sbs.image("kernel", "bookworm"), sbs.initrd_with(hotplug.SCRIPT)
    for cpus in 1, 2:
        steps, _ = hotplug.ours(paprika, kernel, rd, GIB, directory, cpus)
        for s in steps:
            yield cpus, s


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("paprika")
    p.add_argument("--repeat", type=int, default=2)
    p.add_argument("--no-qemu", action="store_true")
    return p.parse_args()


def main():
    args = arguments()
    kernel, rd, append = sbs.image("kernel", "bookworm"), initrd(), "console=hvc0 quiet"
    native = sbs.bench_guest(["gcc", "-O2"])
    with tempfile.TemporaryDirectory() as tmp:
        commands = {
            "host": ["sh", "-c", script(OWN + SHARED, native, tmp)],
            "paprika": sbs.paprika_command(args.paprika, kernel, rd, append, extra=["--cpus", "2"]),
        }
        if sbs.qemu_version() and not args.no_qemu:
            commands["QEMU"] = sbs.qemu_command(kernel, rd, append, extra=["-smp", "2"])
        results = {machine: [] for machine in commands}
        for i in range(args.repeat):
            for machine, c in commands.items():
                print(f"smp {i + 1}/{args.repeat} {machine}", file=sys.stderr)
                results[machine].append(sbs.run_programs(c))
        print("### Two processors\n")
        print(f"{sbs.machine()}; {sbs.qemu_version() or 'no QEMU'}; median (smallest-largest) of {args.repeat} runs, "
              "alternating\n")
        table(results)
        print("| | wall s | processor s |\n|---|---|---|")
        for cpus, s in hot_add(args.paprika, tmp):
            print(f"| {s.name}, {cpus} processor{'s' if cpus > 1 else ''} | {s.wall:.2f} | {s.cpu:.2f} |")
    wrong = list(complaints(results))
    print("\n" + ("\n".join(wrong) if wrong else "All programs computed the same in all runs.") + "\n")
    sys.exit(1 if wrong else 0)


main()
