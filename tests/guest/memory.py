# SPDX-License-Identifier: Apache-2.0
"""Memory that comes and goes, and the hash table that follows it."""

import hashlib
import os
import pathlib
import random
import re
import subprocess
import time

from harness import GIB, OK, PATIENCE, TOP, image

CYCLES = int(os.environ.get("GUEST_CYCLES", "4"))    # of test_memory_cycles


def test_hpt_resize(ctx):
    """Debian's kernel resizes its hash table while it runs; an impossible shrink stops its processors only once."""
    m = ctx.boot("hpt", memory="64G")
    assert m.finish() == OK, m.err + m.tail()
    have = m.results()
    backwards = hashlib.md5("".join(sorted((f"{i}\n" for i in range(1, 20001)), reverse=True)).encode()).hexdigest()
    assert have.pop("hpt_boot") == "27" and have.pop("hpt_end") == "29", m.tail()
    assert have == {f"hpt_{n}": f"{n} {backwards}" for n in (30, 27, 26, 29)}, have
    log = re.findall(r"^LOG lpar: (.*)$", m.output(), re.M)
    assert len(re.findall(r"complete \(\d+ ms / \d+ ms\)", "\n".join(log))) == 4, log
    # 18: too many collisions (found by the commit, then known before it); 31: more than the partition may have
    assert [l for l in log if "not permitted" in l] == ["Operation not permitted from H_RESIZE_HPT_PREPARE"] * 2, log


def resized(m, gib, outcome="done"):
    """Asks for so much and waits for the end; what the machine then says of it."""
    m.qmp.run("resize", memory=int(gib * GIB), timeout=int(PATIENCE))
    m.qmp.event("MEMORY_RESIZED")
    s = m.qmp.run("query-resize")
    assert s["outcome"] == outcome and s["present"] == s["held"], s
    return s


def test_memory_resize(ctx):
    """64 GiB come and go under a ceiling of 8 TiB; boot memory goes too; a reboot keeps the size."""
    m = ctx.boot("idle", memory="3G", extra=["--max-memory", "8T"], append="disable_radix", qmp=True)
    m.wait_for("RESULT ready")
    s = resized(m, 67)
    assert s["blocks-done"] == 256 and s["held"] == 67 * GIB, s
    s = resized(m, 3)
    assert s["blocks-done"] == 256, s
    s = resized(m, 2.5)
    assert s["blocks-done"] == 2, s
    resized(m, 11)
    m.qmp.run("system_reset")
    m.wait_for("RESULT ready", 2)
    assert m.qmp.run("query-resize")["held"] == 11 * GIB
    resized(m, 3)


def footprint(m):
    """(resident MiB, mappings, resident MiB in mappings below 32 MiB) of the machine's process; the last has none of
    the guest's."""
    smaps = pathlib.Path(f"/proc/{m.process.pid}/smaps").read_text()
    maps = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) .*?^Rss: +(\d+) kB", smaps, re.M | re.S)
    sizes = [(int(end, 16) - int(start, 16), int(kib)) for start, end, kib in maps]
    return sum(kib for _, kib in sizes) >> 10, len(maps), sum(kib for size, kib in sizes if size < 32 << 20) >> 10


def test_memory_cycles(ctx):
    """1 to 64 blocks come and go at random while the guest fills memory and sums it: none is lost or doubled, nothing
    of ours stays."""
    m = ctx.boot("hog", memory="3G", extra=["--max-memory", "64G"], append="disable_radix", qmp=True)
    m.wait_for("RESULT ready")
    dice, blocks, early = random.Random(3), 0, None
    for cycle in range(CYCLES):
        n = dice.randint(1, 64)
        blocks += n
        assert resized(m, 3 + n / 4)["blocks-done"] == n, m.tail()
        assert resized(m, 3)["blocks-done"] == n, m.tail()
        if cycle == min(CYCLES // 2, 40):
            early = footprint(m)
    end = time.monotonic() + PATIENCE
    while (late := footprint(m))[1] > early[1] + 8 and time.monotonic() < end:
        time.sleep(0.1)                                 # what went last may wait for the end of a grace period
    said = (f"{CYCLES} cycles of {blocks} blocks, resident MiB, mappings and resident MiB of ours {early} "
            f"then {late}")
    if CYCLES > 100:
        print(said, flush=True)
    assert late[1] <= early[1] + 8 and late[2] <= early[2] + 32, said
    rounds = m.output().count("RESULT hog_blocks")
    m.wait_for("RESULT hog_blocks", rounds + 2)         # the last one began after the last block had gone
    assert m.results()["hog_blocks"] == "12" and "hog_wrong" not in m.results(), m.tail()


def test_memory_refused(ctx):
    """What the kernel cannot part with stays, and is told."""
    m = ctx.boot("idle", memory="2G", extra=["--max-memory", "8G"], append="disable_radix", qmp=True)
    m.wait_for("RESULT ready")
    m.qmp.run("resize", memory=GIB, timeout=int(PATIENCE))
    m.qmp.event("MEMORY_RESIZED")
    s = m.qmp.run("query-resize")
    assert s["outcome"] == "partial" and s["blocks-refused"] > 0 and s["held"] == s["present"] > GIB, s
    resized(m, 4)


def test_memory_device(ctx):
    m = ctx.boot("idle", memory="1G", extra=["--max-memory", "16G"], append="disable_radix", qmp=True)
    m.wait_for("RESULT ready")
    for n, size in enumerate([2 * GIB, 2 * GIB, GIB // 2]):
        m.qmp.run("object-add", **{"qom-type": "memory-backend-ram", "id": f"m{n}", "size": size, "prealloc": n == 2})
        m.qmp.run("device_add", driver="pc-dimm", id=f"d{n}", memdev=f"m{n}")
    end = time.monotonic() + PATIENCE
    while m.qmp.run("query-resize")["held"] < 5 * GIB + GIB // 2 and time.monotonic() < end:
        time.sleep(0.1)
    assert m.qmp.run("query-resize")["held"] == 5 * GIB + GIB // 2
    devices = [d["data"] for d in m.qmp.run("query-memory-devices")]
    assert [d["id"] for d in devices] == ["d0", "d1", "d2"] and not any("taken" in d for d in devices), devices
    assert m.qmp.run("query-memory-size-summary") == {"base-memory": GIB, "plugged-memory": 4 * GIB + GIB // 2}
    m.qmp.run("device_del", id="d1")
    assert m.qmp.event("DEVICE_DELETED")["data"]["device"] == "d1"
    assert m.qmp.run("query-resize")["held"] == 3 * GIB + GIB // 2


def test_memory_given_back(ctx):
    """The guest gives blocks back unasked, and takes them again (what drmgr does)."""
    m = ctx.boot("dlpar", memory="3G", extra=["--max-memory", "8G"], append="disable_radix")
    assert m.finish() == OK, m.err + m.tail()
    have = m.results()
    blocks = [have[f"dlpar_{n}"] for n in range(7)]
    assert blocks == ["12", "11", "12", "11", "12", "8", "9"], blocks
    assert have["dlpar_absent"] == "refused", have


def test_drmgr(ctx):
    """Debian's powerpc-utils in the guest: drmgr gives memory back unasked and takes it again, also what the host
    added; lsslot agrees."""
    m = ctx.boot("drmgr", memory="3G", extra=["--max-memory", "8G"], append="disable_radix", qmp=True,
                 archives=[image("packages", "powerpc-ibm-utils")])
    m.wait_for("RESULT ready")
    assert m.qmp.run("query-resize")["held"] == 3 * GIB
    resized(m, 4)
    assert m.finish() == OK, m.err + m.tail()
    have = m.results()
    # Status, blocks online, blocks that lsslot lists (the first GiB has no connectors).
    # Refused: one removed already; none to be had.
    assert [have[f"tool_{n}"] for n in range(1, 13)] == [
        "0 12 8", "0 11 7", "0 12 8", "0 9 5", "0 11 7", "0 12 8", "0 11 7", "255 11 7", "0 12 8", "255 12 8",
        "0 14 10", "0 16 12",
    ], m.output()
    assert "CPU 0" in have["tool_cpu"] and have["tool_phb"] == "255", have      # no bridges yet


def test_demo(ctx):
    """What `make demo` runs: it says what the guest is, adds 64 GiB, removes them, and reports."""
    r = subprocess.run([TOP / "scripts/demo", ctx.paprika], capture_output=True, text=True, timeout=PATIENCE)
    assert r.returncode == OK, r.stdout + r.stderr
    for line in (r"^cpu\s+: POWER9", r"^done: 64G of 64G added", r"^\+ 64 GiB +256 ", r"^- 64 GiB +256 ",
                 r"MemTotal in the guest: 2\.\d GiB, 66\.\d GiB, 2\.\d GiB$"):
        assert re.search(line, r.stdout.replace("\r", ""), re.M), f"no {line} in {r.stdout}"
    for line in ("monitor answers after", "first guest line after", "shell after", "MIPS", "resident memory"):
        assert re.search(line, r.stderr), f"no {line} in {r.stderr}"
