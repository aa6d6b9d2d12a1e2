# SPDX-License-Identifier: Apache-2.0
"""The serial line on a terminal and on a socket."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

from harness import OK, PATIENCE, connect, image


class Terminal:
    """paprika on a terminal of its own."""

    def __init__(self, ctx, args):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen([ctx.paprika, "run", *map(str, args)], stdin=self.slave, stdout=self.slave,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.seen = b""

    def wait_for(self, text):
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.seen:
            ready = select.select([self.master], [], [], 1)[0]
            self.seen += os.read(self.master, 65536) if ready else b""
            there = time.monotonic() < end and self.process.poll() is None
            assert there, f"no '{text}' on the terminal: {self.seen[-500:]}"

    def type(self, text):
        os.write(self.master, text.encode())

    def raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def finish(self):
        err = self.process.communicate(timeout=PATIENCE)[1]
        end = time.monotonic() + PATIENCE
        while termios.tcgetattr(self.slave) != self.before and time.monotonic() < end:
            time.sleep(0.01)
        assert termios.tcgetattr(self.slave) == self.before, "the terminal is not as it was"
        os.close(self.master)
        os.close(self.slave)
        return self.process.returncode, err


def test_terminal(ctx):
    """A shell on the terminal, the escape key, and the terminal as it was however we end."""
    kernel = ["--kernel", image("kernel", "bookworm"), "--memory", "1G"]
    t = Terminal(ctx, kernel + ["--initrd", image("initrd", "shell")])      # console=hvc0 by itself
    t.wait_for("# ")
    assert t.raw()
    t.type("echo $((6*7))-ok\r")
    t.wait_for("42-ok")
    t.type("\x01x")
    rc, err = t.finish()
    assert rc == OK and "escape key Ctrl-a" in err, (rc, err)
    for sig in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        t = Terminal(ctx, kernel + ["--append", "console=hvc0"])
        t.wait_for("Linux version")
        assert t.raw()
        t.process.send_signal(sig)
        rc, err = t.finish()
        assert rc == (-sig if sig == signal.SIGKILL else OK), (rc, err)


def test_serial(ctx):
    """The serial line on a socket, both ways; and nowhere."""
    where = ctx.tmp / "line"
    args = ["--kernel", image("kernel", "bookworm"), "--memory", "1G"]
    m = ctx.machine(args + ["--initrd", image("initrd", "shell"), "--append", "console=hvc0 quiet",
                            "--serial", f"unix:{where}"])
    line = connect(where, m.process)
    line.settimeout(PATIENCE)
    seen = b""
    for text, answer in (("# ", "echo $((6*7))-ok\r"), ("42-ok", "poweroff -f\r")):
        while text.encode() not in seen:
            seen += line.recv(4096)
        line.sendall(answer.encode())
    assert m.finish() == OK, m.err
    assert not where.exists()
    m = ctx.machine(args + ["--initrd", image("initrd", "tests"), "--append", "paprika.test=poweroff",
                            "--serial", "none"])
    assert m.finish() == OK, m.err
    assert m.report()["end"] == "power-off" and len(m.out.splitlines()) == 1, m.out
