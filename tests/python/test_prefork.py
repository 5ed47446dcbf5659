"""Workers that are forked from one process: gunicorn --preload -w 4, each with a log of its own.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import mcpgov
from conftest import call
from test_audit import configured

WORKERS = 4
REQUESTS = 400


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket that has a path, so that no port has to be free."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path, number):
    connection = UnixConnection(path)
    connection.request("POST", "/", call("look", number=number))
    told = json.loads(connection.getresponse().read())
    connection.close()
    return told


def wait_for_boot(server):
    """The line of each worker; gunicorn prints it when the worker can answer."""
    booted = 0
    for line in server.stderr:
        booted += "Booting worker" in line
        if booted == WORKERS:
            return
    raise AssertionError("gunicorn ended before its workers had begun")


def events_below(folder, out):
    """Everything that the logs hold, by the name of their log, through a sink of another process."""
    text = configured(folder, f", sinks: {{all: {{type: file, path: {out}, sealed: false}}}}")
    reader = mcpgov.Governor.parse(text)
    with mcpgov.Sinks.start(reader) as sinks:
        assert reader.flush(within=20)
        assert sinks.stop(within=60)
    return [json.loads(line) for line in pathlib.Path(out).read_text().splitlines()]


def test_every_worker_has_a_log_and_every_request_an_event(tmp_path):
    config = tmp_path / "mcpgov.yaml"
    config.write_text(configured(tmp_path))
    path = str(tmp_path / "server.sock")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "-w", str(WORKERS), "-b", f"unix:{path}",
         "--chdir", str(pathlib.Path(__file__).parent), "prefork_app:application"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "MCPGOV_CONFIGURATION": str(config)})
    try:
        wait_for_boot(server)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda number: ask(path, number), range(1, REQUESTS + 1)))
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    assert all(each["allowed"] for each in told), [t["reason"] for t in told if not t["allowed"]]
    assert len({each["process"] for each in told}) == WORKERS
    assert str(server.pid) not in {str(each["process"]) for each in told}

    logs = [entry.name for entry in (tmp_path / "log").iterdir() if (entry / "lock").exists()]
    processes = {int(name.split("-")[1]) for name in logs}
    assert {each["process"] for each in told} <= processes

    calls = [event for event in events_below(tmp_path, str(tmp_path / "all.jsonl"))
             if event.get("kind") == "call"]
    seen = collections.Counter(event["id"] for event in calls)
    assert set(seen.values()) == {1}
    assert set(seen) == {each["record"] for each in told}
    assert {event["outcome"] for event in calls} == {"completed"}
