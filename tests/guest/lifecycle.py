# SPDX-License-Identifier: Apache-2.0
"""How a machine pauses, starts again and ends."""

import signal

from harness import OK, PANIC, ctl


def test_reboot(ctx):
    """A guest's reboot starts the same machine again."""
    m = ctx.boot("reboot", qmp=True)
    m.wait_for("paprika guest: shell is up", 1)
    assert m.qmp.event("RESET")["data"] == {"guest": True, "reason": "guest-reset"}
    m.wait_for("paprika guest: shell is up", 2)
    m.qmp.run("quit")
    assert m.finish() == OK, m.err
    assert m.report()["end"] == "quit"


def test_powerdown(ctx):
    """The power button: EPOW to the guest, which shuts down by itself."""
    m = ctx.boot("powerdown", qmp=True)
    m.wait_for("RESULT ready")
    assert ctl(ctx, m, "powerdown").returncode == OK
    m.qmp.event("POWERDOWN")
    assert m.qmp.event("SHUTDOWN")["data"] == {"guest": True, "reason": "guest-shutdown"}
    assert m.finish() == OK, m.err + m.tail()
    assert m.results()["powerdown"] == "asked", m.tail()


def test_stop_cont_reset_quit(ctx):
    """The monitor answers while the guest computes, is stopped, starts again."""
    m = ctx.boot("busy", qmp=True)
    m.wait_for("RESULT ready")
    assert m.qmp.run("query-status")["running"] is True
    m.qmp.run("stop")
    m.qmp.event("STOP")
    assert m.qmp.run("query-status")["status"] == "paused"
    m.qmp.run("cont")
    m.qmp.event("RESUME")
    m.qmp.run("system_reset")
    assert m.qmp.event("RESET")["data"] == {"guest": False, "reason": "host-qmp-system-reset"}
    m.wait_for("RESULT ready", 2)
    m.qmp.run("quit")
    assert m.qmp.event("SHUTDOWN")["data"] == {"guest": False, "reason": "host-qmp-quit"}
    assert m.finish() == OK


def test_panic(ctx):
    m = ctx.boot("panic", qmp=True)
    m.wait_for("paprika guest: shell is up")
    m.qmp.event("GUEST_PANICKED")
    assert m.qmp.event("SHUTDOWN")["data"] == {"guest": True, "reason": "guest-panic"}
    assert m.finish() == PANIC, m.tail()
    assert "panicked" in m.err and m.report()["end"] == "guest panic"


def test_sigterm(ctx):
    m = ctx.boot("idle", qmp=True)
    m.wait_for("RESULT ready")
    m.process.send_signal(signal.SIGTERM)
    assert m.qmp.event("SHUTDOWN")["data"] == {"guest": False, "reason": "host-signal"}
    assert m.finish() == OK, m.err
    assert m.report()["end"] == "quit"
    assert not m.socket.exists()


def test_kill_9(ctx):
    """Nothing stays behind that hinders the next machine: no process, no lock, the same socket path works."""
    m = ctx.boot("idle", qmp=True)
    m.wait_for("Linux version")
    m.process.kill()
    m.finish()
    assert m.socket.exists()
    again = ctx.boot("poweroff", qmp=True)
    assert again.finish() == OK, again.err
