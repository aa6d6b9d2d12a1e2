# SPDX-License-Identifier: Apache-2.0
"""paprika ctl, --trace, --perf, paprika disas."""

import json
import pathlib
import re
import struct
import subprocess
import time

from harness import OK, PATIENCE, USAGE, VMM, ctl


def test_ctl(ctx):
    """Each verb of paprika ctl, against a guest that computes."""
    m = ctx.boot("busy", qmp=True)
    m.wait_for("RESULT ready")
    waiting = subprocess.Popen([ctx.paprika, "ctl", "--qmp", str(m.socket), "wait"], stdout=subprocess.PIPE, text=True)
    assert ctl(ctx, m, "status").stdout == "running\n"
    assert ctl(ctx, m, "stop").returncode == OK
    assert json.loads(ctl(ctx, m, "status", "--json").stdout)["status"] == "paused"
    assert ctl(ctx, m, "stop").returncode == OK             # as in QEMU, no error
    assert ctl(ctx, m, "cont").returncode == OK
    assert ctl(ctx, m, "wait", "--timeout", "1").returncode == 4
    assert ctl(ctx, m, "reset").returncode == OK
    m.wait_for("paprika guest: shell is up", 2)
    for part, words in [
        ("there are status, stop, cont", ["fly"]), ("--watch goes with stats", ["status", "--watch"]),
        ("--memory goes with resize", ["memory", "--memory", "2G"]), ("give --memory SIZE", ["resize"]),
        ("--timeout goes with wait", ["stop", "--timeout", "5"]), ("'now' after the verb", ["stop", "now"]),
        ("which QMP command?", ["qmp"]), ("'c7' is no JSON object", ["qmp", "device_del", "c7"]),
        ("'x' after the verb", ["qmp", "device_del", "{}", "x"]),
    ]:
        bad = ctl(ctx, m, *words)
        assert bad.returncode == USAGE and part in bad.stderr.splitlines()[0], bad
    assert json.loads(ctl(ctx, m, "qmp", "query-status").stdout)["status"] == "running"
    asked = ctl(ctx, m, "qmp", "device_del", "--timeout", "0", '{"id": "c7"}')
    assert asked.returncode == VMM and "device_del: Device 'c7' not found" in asked.stderr, asked
    too_much = ctl(ctx, m, "resize", "--memory", "3G")
    assert too_much.returncode == VMM and "--max-memory" in too_much.stderr, too_much
    assert ctl(ctx, m, "memory").stdout == "the guest has 1.00 GiB of at most 1.00 GiB\n"
    watching = subprocess.Popen([ctx.paprika, "ctl", "--qmp", str(m.socket), "stats", "--watch", "--json"],
                                stdout=subprocess.PIPE, text=True)
    first, second = (json.loads(watching.stdout.readline()) for _ in range(2))
    assert first["instructions"] < second["instructions"] and second["mips"] > 0, second
    table = ctl(ctx, m, "stats").stdout
    assert re.search(r"^exits\n(  .*\n)*  hcall +\d+ +[\d.]+ us each$", table, re.M), table
    assert re.search(r"^mips +[\d.]+$", table, re.M) and "lockstep-mismatch" not in table, table
    assert ctl(ctx, m, "quit").returncode == OK
    assert m.finish() == OK
    assert waiting.communicate(timeout=PATIENCE)[0] == "SHUTDOWN\n" and waiting.returncode == OK
    assert watching.wait(PATIENCE) == OK
    gone = ctl(ctx, m, "status")
    assert gone.returncode == VMM and f"--qmp {m.socket}: cannot connect: there is no such socket" in gone.stderr, gone


def wait_parked(m):
    """papr_stop() does not wait for the processor: its thread sleeps, look after look."""
    tasks = pathlib.Path(f"/proc/{m.process.pid}/task").iterdir()
    vcpu = [t for t in tasks if (t / "comm").read_text().startswith("vcpu")]
    end, looks = time.monotonic() + PATIENCE, 0
    while looks < 10:
        assert time.monotonic() < end, "the processor does not stop"
        asleep = all((t / "stat").read_text().rpartition(")")[2].split()[0] == "S" for t in vcpu)
        looks = looks + 1 if asleep else 0
        time.sleep(0.02)


def test_trace(ctx):
    """Every line of a trace is of its class's form, and nothing is missing that the counters know."""
    number, where = r"-?\d+|0x[0-9a-f]+|0", r"[0-9a-f]{16}"
    forms = {
        "hcall": rf"cpu0 0x[0-9a-f]+ = -2|cpu0 H_\w+\((({number})(, )?)*\) = -?\d+( 0x[0-9a-f]+| 0)*",
        "rtas": rf"cpu0 [\w,-]+\((({number})(, )?)*\) =( ({number}))*",
        "of": r"cpu0 .*",
        "interrupt": rf"cpu0 0x[0-9a-f]+ [a-zA-Z -]+ at={where} srr1={where}( dar={where})?( dsisr=[0-9a-f]{{8}})?",
        "mmu": rf"cpu0 (read|write|exec) {where} "
               r"(fault: (no segment|no page table entry|page protection|storage key|no execute)"
               r"|-> [0-9a-f]+ (real mode|(4K|64K|16M|16G) [r-][w-][x-]( inhibited)? entry [0-9a-f]+))",
        "exec": rf"cpu0 {where} [0-9a-f]{{8}} \S.*",
    }
    trace = ctx.tmp / "trace"
    m = ctx.boot("busy", extra=["--trace", "mmu,interrupt,hcall,rtas,of", "--trace-file", trace], qmp=True,
                 append="disable_radix")
    m.wait_for("RESULT ready")
    m.qmp.run("stop")
    wait_parked(m)
    stats = json.loads(ctl(ctx, m, "stats", "--json").stdout)
    m.qmp.run("quit")
    assert m.finish() == OK, m.err
    lines = trace.read_text().splitlines()
    for line in lines:
        kind, rest = line.split(" ", 1)
        assert re.fullmatch(forms[kind], rest), line
    count = lambda start: sum(line.startswith(start) for line in lines)
    known = sum(h["count"] for h in stats["hcalls"].values())
    assert count("hcall") == stats["exits"]["hcall"]["count"] >= known > 1000
    for kind, t in stats["tlb-misses"].items():
        assert count(f"mmu cpu0 {kind}") == sum(t["second-level"].values()) + t["faults"], kind
    assert stats["tlb-misses"]["write"]["second-level"]["16M"] > 0 and stats["translations"] > 100, stats
    trace.unlink()
    m = ctx.boot("busy", extra=["--trace", "exec", "--trace-file", trace], qmp=True)
    while not trace.exists() or trace.stat().st_size < 8 << 20:
        time.sleep(0.05)
    m.qmp.run("quit")
    assert m.finish() == OK, m.err
    lines = trace.read_text().splitlines()
    assert all(line.startswith("exec ") and re.fullmatch(forms["exec"], line[5:]) for line in lines[:100000])
    assert len(lines) == m.report()["instructions"], (len(lines), m.report())


def test_perf(ctx):
    """--perf: a map whose lines name each translation, and a jitdump that is whole and has their code."""
    m = ctx.boot("poweroff", extra=["--perf"], append="disable_radix")
    files = [pathlib.Path(f"/tmp/{name % m.process.pid}") for name in ("perf-%d.map", "jit-%d.dump")]
    try:
        assert m.finish() == OK, m.err + m.tail()
        named = re.compile(r"([0-9a-f]+) ([0-9a-f]+) "
                           r"(guest:[0-9a-f]{16}:(?:trace|loop):(?:real|kernel|user)|paprika:shared)")
        lines = [named.fullmatch(line) for line in files[0].read_text().splitlines()]
        assert len(lines) > 1000 and all(lines), files[0].read_text()[:500]
        dump = files[1].read_bytes()
        assert struct.unpack_from("<6I", dump) == (0x4A695444, 1, 40, 62, 0, m.process.pid)
        at, loaded = 40, []
        while at < len(dump):
            kind, size = struct.unpack_from("<2I", dump, at)
            if kind == 0:
                _, address, length, index = struct.unpack_from("<4Q", dump, at + 24)
                name, code = dump[at + 56:at + size - length - 1], dump[at + size - length:at + size]
                assert index == len(loaded) and b"\0" not in name and len(code) == length, (index, name)
                loaded.append((f"{address:x}", f"{length:x}", name.decode()))
            at += size
        assert at == len(dump) and kind == 3, (at, kind)
        assert loaded == [line.groups() for line in lines]
    finally:
        for f in files:
            f.unlink(missing_ok=True)


def test_disas(ctx):
    """An ELF file, words of the command line, a file of words, bad input; Debian's kernel against binutils:
    tests/isa/names.py."""
    def disas(*args, status=OK):
        r = subprocess.run([ctx.paprika, "disas", *map(str, args)], capture_output=True, text=True, timeout=PATIENCE)
        assert r.returncode == status, (args, r.stderr)
        return r.stdout if status == OK else r.stderr
    assert disas("--hex", "7c0802a6", "48000011", "--base", "0x1000") == (
        "0000000000001000  7c0802a6  mfspr 0,8\n0000000000001004  48000011  bl 0x1014\n")
    assert "  .long 0x" in disas("--hex", "7c000666", "--cpu", "power8")
    words = ctx.tmp / "words"
    words.write_bytes(bytes.fromhex("7c0802a6a602087c"))
    assert [line.split()[1] for line in disas(words).splitlines()] == ["a602087c", "7c0802a6"]
    assert [line.split()[1] for line in disas(words, "--be").splitlines()] == ["7c0802a6", "a602087c"]
    assert "is no instruction word" in disas("--hex", "xyz", status=USAGE)
    assert "cannot open" in disas("/nonexistent/file", status=VMM)
    assert "for x86-64" in disas(ctx.paprika, status=VMM)
    assert "a file, or --hex" in disas(status=USAGE)
