# SPDX-License-Identifier: Apache-2.0
"""What the guest tests share: a machine as a process, its monitor, what it boots."""

import json
import os
import pathlib
import re
import socket
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE = float(os.environ.get("GUEST_PATIENCE_SECONDS", "600"))    # for anything; what takes longer hangs
OK, VMM, USAGE, PANIC, TIMEOUT, REFUSED = range(6)     # paprika's exit statuses
GIB = 1 << 30


class Skip(Exception):
    pass


def image(*args):
    r = subprocess.run([TOP / "scripts/guest-image", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if r.returncode:
        raise Skip(r.stderr.strip().splitlines()[-1])
    return r.stdout.strip()


class Machine:
    """A paprika process, its serial line in a file, its monitor on a socket."""

    def __init__(self, ctx, args, limit=None, qmp=False):
        self.serial = ctx.tmp / "serial"
        self.socket = ctx.tmp / "qmp"
        command = [ctx.paprika, "run", "--json", *map(str, args)]
        if "--serial" not in args:
            command += ["--serial", f"file:{self.serial}"]
        if qmp:
            command += ["--qmp", str(self.socket)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=limit)
        self.qmp = Qmp(self.socket, self.process) if qmp else None

    def output(self):
        return self.serial.read_text(errors="replace").replace("\r", "") if self.serial.exists() else ""

    def wait_for(self, text, times=1, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while self.output().count(text) < times:
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode} before '{text}': {self.tail()}")
            if time.monotonic() > end:
                raise AssertionError(f"no '{text}' in {seconds} s: {self.tail()}")
            time.sleep(0.05)

    def finish(self, seconds=PATIENCE):
        try:
            self.out, self.err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.out, self.err = self.process.communicate()
            raise AssertionError(f"still running after {seconds} s: {self.tail()}")
        return self.process.returncode

    def report(self):
        return json.loads(self.out.strip().splitlines()[-1])

    def results(self):
        return dict(re.findall(r"^RESULT (\S+) (.*)$", self.output(), re.M))

    def tail(self):
        return "\n" + "\n".join(self.output().splitlines()[-12:])

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def connect(path, process):
    """A socket that a process which has just started will listen on."""
    end = time.monotonic() + PATIENCE
    while True:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(PATIENCE)
        try:
            s.connect(str(path))
            return s
        except OSError:
            s.close()
            if time.monotonic() > end or process.poll() is not None:
                raise AssertionError(f"nobody listens on {path}")
            time.sleep(0.01)


class Qmp:
    """A connection to a machine's monitor: answers as they come, events kept until somebody asks for them."""

    def __init__(self, path, process):
        self.socket = connect(path, process)
        self.file = self.socket.makefile("r")
        assert "QMP" in json.loads(self.file.readline())
        self.events = []
        self.run("qmp_capabilities")

    def ask(self, command, **arguments):
        """The whole answer."""
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            v = json.loads(self.file.readline())
            if "event" not in v:
                return v
            self.events.append(v)

    def run(self, command, **arguments):
        return self.ask(command, **arguments)["return"]

    def event(self, name):
        while True:
            v = self.events.pop(0) if self.events else json.loads(self.file.readline())
            if v["event"] == name:
                return v


class Context:
    def __init__(self, paprika, tmp):
        self.paprika, self.tmp = paprika, tmp
        self.machines = []

    def machine(self, args, **kw):
        m = Machine(self, args, **kw)
        self.machines.append(m)
        return m

    def boot(self, test, kernel="bookworm", extra=(), append="", memory="1G", archives=(), **kw):
        initrd = self.tmp / "initrd"
        with open(initrd, "wb") as f:
            for part in (image("initrd", "tests"), *archives):
                f.write(pathlib.Path(part).read_bytes())
        args = ["--kernel", image("kernel", kernel), "--initrd", initrd, "--memory", memory]
        args += ["--append", f"console=hvc0 panic=0 paprika.test={test} {append}", *extra]
        return self.machine(args, **kw)

    def program(self, name):
        """An archive with a program of this folder (storm.c: "storm"), built for the guest, as /NAME."""
        root, archive = self.tmp / "root", self.tmp / f"{name}.cpio"
        root.mkdir()
        source = TOP / f"tests/guest/{name}.c"
        compiler = ["powerpc64le-linux-gnu-gcc", "-O2", "-static", "-pthread"]
        subprocess.run([*compiler, "-o", root / name, source], check=True)
        with open(archive, "wb") as f:
            subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=name.encode(), stdout=f, check=True)
        return archive

    def refused(self, status, part, args, limit=None, seconds=PATIENCE):
        """Bad input: this exit status, and one clear line that says this."""
        m = self.machine(args, limit=limit)
        rc = m.finish(seconds)
        lines = [l for l in m.err.splitlines() if not l.endswith("--help shows how")]
        assert rc == status, f"exit status {rc}, not {status}: {m.err}"
        assert len(lines) == 1, f"not one line: {m.err}"
        assert part in lines[0], f"'{part}' is not in: {lines[0]}"

    def cleanup(self):
        for m in self.machines:
            m.stop()


def ctl(ctx, m, *words, **kw):
    command = [ctx.paprika, "ctl", "--qmp", str(m.socket), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **kw)
