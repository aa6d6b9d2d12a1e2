# SPDX-License-Identifier: Apache-2.0
"""Bad files, bad options, too little memory: one clear line and the right exit status."""

import os
import pathlib
import resource
import signal
import struct
import subprocess
import time

from harness import OK, PANIC, PATIENCE, USAGE, VMM, image


def test_wrong_initrd(ctx):
    """Noise instead of an initrd: the guest finds no root and panics."""
    noise = ctx.tmp / "noise"
    noise.write_bytes(os.urandom(1 << 20))
    m = ctx.machine(["--kernel", image("kernel", "bookworm"), "--initrd", noise, "--append", "console=hvc0",
                     "--memory", "1G"])
    assert m.finish() == PANIC, m.err + m.tail()
    assert "Unable to mount root fs" in m.output(), m.tail()


def test_bad_files(ctx):
    kernel = pathlib.Path(image("kernel", "bookworm"))
    bad = ctx.tmp / "bad"
    with open(kernel, "rb") as f:
        data = f.read(8 << 20)
    for size in (len(data), 4096, 100, 64, 63, 5, 1, 0):
        bad.write_bytes(data[:size])
        ctx.refused(VMM, str(bad), ["--kernel", bad])
    bad.write_bytes(b"#!/bin/sh\necho no kernel\n" * 100)
    ctx.refused(VMM, "bad", ["--kernel", bad])
    bad.write_bytes(b"\x7fELF\x02\x01\x01" + os.urandom(5000))
    ctx.refused(VMM, "bad", ["--kernel", bad])
    bad.write_bytes(pathlib.Path(ctx.paprika).read_bytes())
    ctx.refused(VMM, "bad", ["--kernel", bad])
    ctx.refused(VMM, "/nonexistent/vmlinux", ["--kernel", "/nonexistent/vmlinux"])
    ctx.refused(VMM, str(ctx.tmp), ["--kernel", ctx.tmp])
    ctx.refused(VMM, "/nonexistent/initrd", ["--kernel", kernel, "--initrd", "/nonexistent/initrd"])
    big = ctx.tmp / "big"
    with open(big, "wb") as f:
        f.truncate(600 << 20)
    ctx.refused(VMM, str(big), ["--kernel", kernel, "--initrd", big, "--memory", "256M"])


def test_bad_options(ctx):
    kernel = ["--kernel", image("kernel", "bookworm")]
    for part, args in [
        ("--kernel is missing", []),
        ("did you mean --memory", kernel + ["--memry", "1G"]),
        ("'2X' has an unknown suffix", kernel + ["--memory", "2X"]),
        ("the least possible is", kernel + ["--memory", "0"]),
        ("the most possible is", kernel + ["--memory", "1E"]),
        ("is less than --memory", kernel + ["--memory", "2G", "--max-memory", "1G"]),
        ("must be one of power9|power8", kernel + ["--cpu", "power7"]),
        ("the most possible is 8", kernel + ["--cpus", "9"]),
        ("--max-cpus 2 is less than --cpus 4", kernel + ["--cpus", "4", "--max-cpus", "2"]),
        ("lockstep runs one processor", kernel + ["--cpus", "2", "--engine", "lockstep"]),
        ("use stdio, file:PATH, unix:PATH or none", kernel + ["--serial", "tcp:1"]),
        ("there are exec, block", kernel + ["--trace", "hcall,foo"]),
        ("numactl --hardware", kernel + ["--numa-node", "1023"]),
        ("numactl --hardware", kernel + ["--numa-node", "-1"]),
        ("Linux reads at most 2047", kernel + ["--append", "a" * 3000]),
        ("is not a UUID", kernel + ["--uuid", "0123"]),
        ("did you mean --kernel vmlinux", ["vmlinux"]),
        ("'quiet' belongs to no option", kernel + ["quiet"]),
        ("did you mean --append", kernel + ["-append", "quiet"]),
        ("must be one of auto|interp|jit|lockstep", kernel + ["--engine", "tcg"]),
        ("--memory 1000M is not a multiple of 16 MiB: use 1008M", kernel + ["--memory", "1000M"]),
        ("--paused without --qmp", kernel + ["--paused"]),
    ]:
        m = subprocess.run([ctx.paprika, "run", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=PATIENCE)
        assert m.returncode == USAGE, f"{args}: exit status {m.returncode}"
        assert part in m.stderr.splitlines()[0], f"{args}: {m.stderr}"
    ctx.refused(VMM, "--qmp /none/q: cannot listen: its folder is not there", kernel + ["--qmp", "/none/q"])
    ctx.refused(VMM, "there is a file that is no socket", kernel + ["--qmp", kernel[1]])
    ctx.refused(VMM, "--memory 40T: guest memory cannot all be taken now", kernel + ["--prealloc", "--memory", "40T"])
    ctx.refused(VMM, "refuses 4T of guest memory in huge pages", kernel + ["--huge-pages", "1G", "--memory", "4T"])
    for status, part, args in [
        (USAGE, "'frob' is no command", ["frob"]), (USAGE, "paprika run --kernel FILE", ["--kernel", kernel[1]]),
        (USAGE, "'fish' is no shell that is known; give bash or zsh", ["completion", "fish"]),
        (USAGE, "which machine? give --qmp SOCKET", ["ctl", "status"]),
        (USAGE, "words for the guest go into --append", ["demo", "only=hpt"]),
        (PANIC, "no test's name begins with", ["demo", "--append", "only=nonsense", "--serial", "none"]),
    ]:
        m = subprocess.run([ctx.paprika, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=PATIENCE, env={**os.environ, "PAPRIKA_QMP": ""})
        assert m.returncode == status and part in m.stderr, f"{args}: {m}"


def test_noise_for_code(ctx):
    """A kernel of random words: whatever it does, we end when told to, with a status of our own."""
    base = 0xC000000000000000
    for n in range(3):
        code = os.urandom(1 << 20)
        header = b"\x7fELF\x02\x01\x01" + bytes(9)
        header += struct.pack("<HHIQQQIHHHHHH", 2, 21, 1, base, 64, 0, 2, 64, 56, 1, 0, 0, 0)
        header += struct.pack("<IIQQQQQQ", 1, 7, 4096, base, 0, len(code), len(code), 4096)
        (ctx.tmp / "noise").write_bytes(header + bytes(4096 - len(header)) + code)
        m = ctx.machine(["--kernel", ctx.tmp / "noise", "--memory", "256M"], qmp=True)
        time.sleep(1)
        if m.process.poll() is None:
            m.process.send_signal(signal.SIGTERM)
        rc = m.finish()
        assert rc in (OK, VMM, PANIC), f"exit status {rc}: {m.err}"


def test_out_of_host_memory(ctx):
    """Less address space than the guest's memory needs: one line, before anything starts."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
    ctx.refused(VMM, "memory", ["--kernel", image("kernel", "bookworm"), "--memory", "4G"], limit=limit)
