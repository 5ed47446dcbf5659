"""What the suites of this folder share: logs, the exporting program, daemons, and counting.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

LONG = 60  # seconds for what a daemon has to do; far more than it takes


class Skip(Exception):
    """This machine lacks what a suite needs."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def eventually(what, condition, within=LONG):
    """The first true value of condition(); daemons tell us nothing, so they are asked."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ValueError):
            if value := condition():
                return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {within} s")


def listening(port):
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


class Daemon:
    """A program that runs until it is told otherwise; its output goes to a file."""

    def __init__(self, command, output, **options):
        self.output = pathlib.Path(output)
        with open(output, "ab") as sink:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                            stdout=sink, stderr=subprocess.STDOUT, **options)

    def wait_for_port(self, port):
        def ready():
            assert self.process.poll() is None, self.output.read_text(errors="replace")[-2000:]
            return listening(port)
        eventually(f"{self.process.args[0]} listens", ready)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(LONG)


class Exporter:
    """sinks_export, with what it says about its sinks."""

    def __init__(self, world, sinks):
        settings = world.folder / "sinks.json"
        settings.write_text(json.dumps(sinks))
        self.process = subprocess.Popen([world.programs / "sinks_export", world.logs, settings],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def status(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["sinks"]

    def finish(self):
        """Drains and ends it; True: everything was taken."""
        out, _ = self.process.communicate(timeout=LONG)
        last = json.loads(out.splitlines()[-1])
        return last["complete"]

    def kill(self):
        self.process.kill()
        self.process.communicate()


class World:
    """A directory of logs, and programs to fill and to export it."""

    def __init__(self, programs, name):
        self.programs = pathlib.Path(programs).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"mcpgov-{name}-"))
        self.logs = self.folder / "logs"
        self.logs.mkdir()
        self.started = []

    def fill(self, count, prefix):
        """Records with ids of this prefix; the log's name."""
        done = subprocess.run([self.programs / "sinks_fill", self.logs, str(count), prefix],
                              capture_output=True, text=True, timeout=LONG, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def export(self, sinks):
        out = Exporter(self, sinks)
        self.started.append(out.kill)
        return out

    def daemon(self, command, name, **options):
        out = Daemon(command, self.folder / f"{name}.out", **options)
        self.started.append(lambda: out.stop(signal.SIGKILL))
        return out

    def cursor(self, sink, log):
        path = self.logs / "sinks" / sink / f"{log}.cursor"
        return int(path.read_text()) if path.exists() else 0

    def close(self):
        for stop in reversed(self.started):
            with contextlib.suppress(Exception):
                stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def ids(prefix, count):
    return [prefix + str(i).zfill(32 - len(prefix)) for i in range(1, count + 1)]


def check_arrival(records, wanted, duplicates=0):
    """records: (log, seq, id) as they arrived. All are there, none twice but for what came again
    after a failure, and each log in its order."""
    first = {}
    for log, seq, name in records:
        first.setdefault(name, (log, seq))
    missing = [w for w in wanted if w not in first]
    assert not missing, f"{len(missing)} are missing, the first {missing[0]}"
    again = len(records) - len(first)
    assert again <= duplicates, f"{again} came twice"
    last = {}
    for log, seq in first.values():  # in the order of their first arrival
        assert seq > last.get(log, 0), f"{log}: {seq} after {last[log]}"
        last[log] = seq
    return again


def main(cases, name):
    """Runs the functions, each with a world of its own; prints the line that tally.py reads."""
    passed = failed = 0
    for case in cases:
        world = World(sys.argv[1], name)
        begun = time.monotonic()
        try:
            note = case(world)
            passed += 1
            print(f"ok   {case.__doc__.splitlines()[0]} ({time.monotonic() - begun:.1f} s)"
                  f"{': ' + note if note else ''}", flush=True)
        except Skip as why:
            print(f"SKIPPED: {case.__doc__.splitlines()[0]}: {why}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL {case.__doc__.splitlines()[0]}", flush=True)
            traceback.print_exc()
            for each in sorted(world.folder.glob("*.out")):
                print(f"--- {each.name}\n{each.read_text(errors='replace')[-3000:]}", flush=True)
        finally:
            world.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def need(program):
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        raise Skip(f"{program} is not installed")
    return found
