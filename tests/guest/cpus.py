# SPDX-License-Identifier: Apache-2.0
"""Several processors, and processors that come and go."""

import hashlib

from harness import GIB, OK, PATIENCE


def smp(ctx, cpus, **options):
    m = ctx.boot("cpus", extra=["--cpus", cpus], **options)
    assert m.finish() == OK, m.err + m.tail()
    sums = hashlib.md5((b"paprika\n" * (1 << 17))[:1 << 20]).hexdigest()
    want = {"cpus": str(cpus), "sums": sums, "forks": "120", "busy": str(cpus), "again": str(cpus)}
    assert m.results() == want, m.output()


def test_cpus_2(ctx):
    """Two processors: sums, pipes and forks on both; off and on again; power-off."""
    smp(ctx, 2)


def test_cpus_4(ctx):
    smp(ctx, 4, kernel="trixie-64k")


def test_cpus_storm(ctx):
    """Mappings, protections and code that change under other processors, while these come and go."""
    m = ctx.boot("storm", extra=["--cpus", "3"], archives=[ctx.program("storm")])
    assert m.finish() == OK, m.err + m.tail()
    assert m.results() == {"storm": "0", "cpus": "3"}, m.tail()


def test_cpus_hotplug(ctx):
    """Processors that come and go under load, while memory does, too; over a reset; the first one stays."""
    m = ctx.boot("cpuhot", extra=["--max-cpus", "3", "--max-memory", "4G"], append="disable_radix", qmp=True)
    m.wait_for("RESULT cpus_now 1")
    cpus = m.qmp.run("query-hotpluggable-cpus")
    assert [(c["props"]["core-id"], "qom-path" in c) for c in cpus] == [(2, False), (1, False), (0, True)], cpus
    for times in 1, 2:
        for n in 1, 2:
            m.qmp.run("device_add", driver=cpus[0]["type"], id=f"c{n}", **{"core-id": n})
        m.wait_for("RESULT cpus_now 3", times)
        m.qmp.run("resize", memory=times * 2 * GIB, timeout=int(PATIENCE))
        for n in 2, 1:
            m.qmp.run("device_del", id=f"c{n}")
            assert m.qmp.event("DEVICE_DELETED")["data"]["device"] == f"c{n}"
        m.wait_for("RESULT cpus_now 1", times + 1)
    said = m.output().count("RESULT cpus_now 2")
    m.qmp.run("device_add", driver=cpus[0]["type"], id="c2", **{"core-id": 2})
    m.wait_for("RESULT cpus_now 2", said + 1)
    m.qmp.run("system_reset")
    m.wait_for("RESULT cpus_now 2", said + 2)
    assert m.output().count("guest: shell is up") == 2, m.tail()
    m.qmp.run("quit")
    assert m.finish() == OK, m.err


def test_cpus_kept(ctx):
    """The last processor online is refused, which an event tells; given back when it is not the last any more."""
    m = ctx.boot("cpukept", extra=["--cpus", "2"], qmp=True)
    m.wait_for("RESULT cpus_now 1")
    m.qmp.run("device_del", id="CPU 1")
    kept = m.qmp.event("DEVICE_UNPLUG_GUEST_ERROR")["data"]
    assert kept == {"device": "CPU 1", "path": "/machine/peripheral/CPU 1"}, kept
    m.wait_for("RESULT cpus_now 2")
    assert all("qom-path" in c for c in m.qmp.run("query-hotpluggable-cpus"))
    m.qmp.run("device_del", id="CPU 1")
    assert m.qmp.event("DEVICE_DELETED")["data"]["device"] == "CPU 1"
    assert m.finish() == OK, m.err
    assert m.results()["cpus_left"] == "0", m.tail()
