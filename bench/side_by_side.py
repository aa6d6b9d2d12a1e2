# SPDX-License-Identifier: Apache-2.0
"""Runs the same kernel and initramfs in paprika and in Debian's QEMU, alternately, and measures both.

Processor time is that of the whole process (rusage of the child), wall time is told beside it; ratios are taken between
runs of one session on one machine, medians over the repetitions, with the spread (smallest and largest) beside them.
"""
import collections
import os
import platform
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

QEMU = "qemu-system-ppc64"
PACKAGES = ["openssl", "xz-utils", "7zip", "python3-minimal", "sqlite3"]
PPC64LE = ["powerpc64le-linux-gnu-gcc", "-O2", "-ftree-vectorize", "-static", "-mcpu=power8", "-ffp-contract=fast"]
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def machine():
    """One line on the machine the figures come from."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="ascii") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    mem = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{os.cpu_count()} x {model}, {mem + 1} GiB, Linux {platform.release()}"


def qemu_version():
    if not shutil.which(QEMU):
        return None
    return subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]


def image(*what):
    command = [os.path.join(ROOT, "scripts/guest-image"), *what]
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    if out.returncode:
        sys.exit(out.stderr)
    return out.stdout.strip()


def initrd_with(script, files=(), archives=()):
    """An initramfs whose /init is the script, with cpio archives and files [(host path, guest path)] added.
    Returns its path."""
    tmp = tempfile.mkdtemp(prefix="paprika-bench-")
    init = os.path.join(tmp, "init")
    with open(init, "w", encoding="ascii") as f:
        f.write(script)
    base = image("initrd", init)
    both = os.path.join(tmp, "initrd")
    with open(both, "wb") as out:
        for archive in (base, *archives):
            with open(archive, "rb") as f:
                shutil.copyfileobj(f, out)
        if files:
            root = os.path.join(tmp, "root")
            for host, guest in files:
                to = root + guest
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copy(host, to)
            names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
            cpio = ["cpio", "-o", "-H", "newc", "--quiet"]
            out.write(subprocess.run(cpio, cwd=root, input=names, capture_output=True, check=True).stdout)
    return both


def bench_guest(compiler=PPC64LE):
    """The path of bench/guest, built."""
    out = os.path.join(tempfile.mkdtemp(prefix="paprika-bench-"), "guest")
    sources = [os.path.join(HERE, "guest", f + ".c") for f in ("main", "integer", "float", "memory", "shared")]
    subprocess.run([*compiler, "-o", out, *sources, "-lm", "-pthread"], check=True)
    return out


def paprika_command(paprika, kernel, initrd, append, memory="2G", extra=()):
    return [paprika, "run", "--kernel", kernel, "--initrd", initrd, "--append", append, "--memory", memory, *extra]


def qemu_command(kernel, initrd, append, memory="2G", extra=()):
    return [QEMU, "-M", "pseries,x-vof=on,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken", "-cpu", "power9",
            "-m", memory, "-nographic", "-nodefaults", "-serial", "stdio", "-kernel", kernel, "-initrd", initrd,
            "-append", append + " disable_radix", *extra]


def run(command, timeout=600):
    """Returns (output, processor seconds, wall seconds, peak resident KiB)."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        deadline = begin + timeout
        while True:
            pid, _, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                child.kill()
                os.wait4(child.pid, 0)
                raise TimeoutError(" ".join(command))
            time.sleep(0.01)
        wall = time.monotonic() - begin
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    return text, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss


def process_seconds(pid):
    """Processor seconds of a live process so far, all its threads: clock_getcpuclockid(3) as Linux numbers them."""
    return time.clock_gettime(~pid << 3 | 2)


Result = collections.namedtuple("Result", "cpu_s guest_s work sum status")


def lines_of(child, patience_s):
    """Lines as they come, until the end or until there was none for so long: then the child is killed."""
    rest = b""
    while select.select([child.stdout], [], [], patience_s)[0]:
        data = os.read(child.stdout.fileno(), 65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)
    child.kill()


def run_programs(command, patience_s=600):
    """Runs a guest that prints what bench/guest/main.c prints; returns {name: Result}.

    The host's processor time is what the engine needed; a guest's own clock counts the time the host gave to
    others, too."""
    results, begun, boot = {}, {}, []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        for line in lines_of(child, patience_s):
            words = line.split()
            if len(words) == 2 and words[0] == "BEGIN":
                begun[words[1]] = process_seconds(child.pid)
            elif len(words) == 6 and words[0] == "END" and words[1] in begun:
                cpu = process_seconds(child.pid) - begun[words[1]]
                results[words[1]] = Result(cpu, float(words[2]), float(words[3]), words[4], int(words[5]))
                print(f"    {words[1]} {cpu:.2f} s", file=sys.stderr)
            elif begun:
                print(line.rstrip(), file=sys.stderr)
            else:
                boot.append(line.rstrip())
    if not begun:
        print("\n".join(boot[-40:]), file=sys.stderr)
    return results


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
