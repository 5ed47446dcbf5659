"""`mcpgov run` between a client and servers that behave oddly.

usage: run_test.py PATH-OF-MCPGOV

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

from checks import contains, equal, lacks, run_all

MCPGOV = sys.argv[1]
STAND_IN = str(pathlib.Path(__file__).resolve().parent / "stand_in.py")
PATIENCE = 30  # seconds until a test that hangs has failed

# AddressSanitizer holds back what is freed, which would count as ours where memory is measured.
ENVIRONMENT = {**os.environ,
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}

CONFIG = """
version: 1
servers:
  demo:
    namespace: Demo
    policies:
      - text: |
          permit (principal, action in Demo::Action::"call_tool", resource)
          unless { context.input has text && context.input.text like "*secret*" };
          permit (principal, action == Demo::Action::"list_roots", resource);
identity: {stdio: {kind: user, issuer: idp, subject: ann}}
audit: {file: records.jsonl}
limits: {message_bytes: 100000}
"""


class Talk:
    """A client of `mcpgov run -- stand_in.py BEHAVIOUR`."""

    def __init__(self, *behaviour, options=(), config=CONFIG, command=None):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        (self.path / "mcpgov.yaml").write_text(config)
        self.errors = open(self.path / "stderr", "w+b")  # pylint: disable=consider-using-with
        server = command or [sys.executable, STAND_IN, *behaviour]
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [MCPGOV, "run", *options, "--", *server], cwd=self.path, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, env=ENVIRONMENT)
        self.alarm = threading.Timer(PATIENCE, self.process.kill)
        self.alarm.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.alarm.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()
        self.folder.cleanup()

    def send(self, message, end=b"\n"):
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(text + end)
        self.process.stdin.flush()

    def line(self):
        return self.process.stdout.readline()

    def read(self):
        line = self.line()
        if not line:
            raise AssertionError(f"the output has ended; errors: {self.stderr()}")
        return json.loads(line)

    def ask(self, number, method, params=None):
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}})
        return self.read()

    def shake_hands(self):
        self.ask(0, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                   "clientInfo": {"name": "test", "version": "1"}})
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def call(self, number, text="hi", tool="echo"):
        return self.ask(number, "tools/call", {"name": tool, "arguments": {"text": text}})

    def close(self):
        """Ends the input, reads the rest, and gives the exit code."""
        self.process.stdin.close()
        self.rest = self.process.stdout.read()
        return self.process.wait()

    def stderr(self):
        self.errors.flush()
        return (self.path / "stderr").read_text()

    def records(self):
        lines = (self.path / "records.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]


def answered(reply, text):
    equal(reply["result"]["content"][0]["text"], text)


def refused(reply, number):
    equal(reply, {"jsonrpc": "2.0", "id": number,
                  "error": {"code": 403, "message": "Unauthorized"}})


def ordinary():
    """a call that is allowed is answered, one that is denied never reaches the server"""
    with Talk("plain").shake_hands() as talk:
        answered(talk.call(1, "hi"), "hi")
        refused(talk.call(2, "a secret"), 2)
        equal(talk.close(), 0)
        equal(talk.rest, b"")
        contains(talk.stderr(), '"hi"')
        lacks(talk.stderr(), "secret")
        outcomes = [r["outcome"] for r in talk.records() if "outcome" in r]
        equal(sorted(outcomes), ["completed", "completed", "completed", "denied"])


def unchanged():
    """bytes pass as they came, with spaces, escapes, member order and a long number"""
    line = (b'{ "id" : "a\\u0062",  "method":"ping", "jsonrpc":"2.0",'
            b'"params":{"_meta":{"x":1234567890123456789}} }')
    server = ["sh", "-c", 'read -r line; printf "%s\\n" "$line" >&2; cat >/dev/null']
    with Talk(command=server) as talk:
        talk.send(line)
        equal(talk.close(), 0)
        equal(talk.stderr().encode(), line + b"\n")


def exit_codes():
    """the exit code of the server is ours, also when a signal ended it or it never began to talk"""
    for behaviour, expected in ((("exit", "7"), 7), (("crash",), 128 + signal.SIGKILL)):
        with Talk(*behaviour).shake_hands() as talk:
            talk.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                       "params": {"name": "echo", "arguments": {}}})
            equal(talk.line(), b"")  # half a message is none
            equal(talk.process.wait(), expected)
    with Talk("exit-at-once", "3") as talk:
        equal(talk.process.wait(), 3)


def crash_is_recorded():
    """a call that the server did not answer is recorded as abandoned"""
    with Talk("crash").shake_hands() as talk:
        talk.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                   "params": {"name": "echo", "arguments": {}}})
        talk.process.wait()
        outcomes = [r.get("outcome") for r in talk.records() if r["event"] == "outcome"]
        equal(outcomes, ["completed", "abandoned"])


def halves():
    """messages in pieces, with carriage returns and empty lines between them"""
    with Talk("halves").shake_hands() as talk:
        answered(talk.call(1, "one"), "one")
        talk.send(b'{"jsonrpc":"2.0","id":2,"method":"tools/call",', end=b"")
        talk.send(b'"params":{"name":"echo","arguments":{"text":"two"}}}\r\n\r\n\n', end=b"")
        answered(talk.read(), "two")
        equal(talk.close(), 0)


def no_line_end():
    """a last message without a line end is governed like any other"""
    with Talk("no-line-end").shake_hands() as talk:
        equal(talk.call(1), {"jsonrpc": "2.0", "id": 1, "result": {"content": []}})
        equal(talk.process.wait(), 0)
    with Talk("plain").shake_hands() as talk:
        talk.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                   "params": {"name": "echo", "arguments": {"text": "end"}}}, end=b"")
        equal(talk.close(), 0)
        answered(json.loads(talk.rest), "end")


def too_long():
    """a line over the limit is refused, and what follows it is not"""
    with Talk("plain").shake_hands() as talk:
        talk.send(b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"' + b"x" * 5_000_000 +
                  b'"}}')
        contains(talk.read()["error"]["message"], "size limit")
        answered(talk.call(2), "hi")
        equal(talk.close(), 0)
        equal([r["reason"] for r in talk.records() if r.get("decision") == "deny"],
              ["message_too_large"])


def too_long_answer():
    """an answer over the limit is dropped, recorded, and told to people"""
    with Talk("huge", "200000").shake_hands() as talk:
        talk.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                   "params": {"name": "echo", "arguments": {}}})
        equal(talk.ask(2, "ping"), {"jsonrpc": "2.0", "id": 2, "result": {}})
        equal(talk.close(), 0)
        contains(talk.stderr(), "mcpgov: a message of the server exceeds `limits.message_bytes`")
        refusals = [r for r in talk.records() if r.get("decision") == "deny"]
        equal([(r["direction"], r["reason"]) for r in refusals],
              [("from_server", "message_too_large")])


def long_within_limits():
    """messages of a megabyte pass both ways without loss"""
    config = CONFIG.replace("100000", "4000000")
    with Talk("plain", config=config).shake_hands() as talk:
        text = "x" * 1_000_000
        for number in range(1, 4):
            answered(talk.call(number, text), text)
        equal(talk.close(), 0)


def flood(talk, count):
    """A thread that sends calls of 10 kB without reading anything."""
    def write():
        for number in range(1, count + 1):
            talk.send({"jsonrpc": "2.0", "id": number, "method": "tools/call",
                       "params": {"name": "echo", "arguments": {"text": "x" * 10_000}}})
    writer = threading.Thread(target=write)
    writer.start()
    return writer


def peak_of(process):
    """Kilobytes that the process has ever held."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def slow_reader():
    """a client that writes much before it reads is made to wait, and loses nothing"""
    with Talk("plain").shake_hands() as talk:
        answered(talk.call(0), "hi")
        before = peak_of(talk.process)
        writer = flood(talk, 4000)
        writer.join(1)
        equal(writer.is_alive(), True)  # 40 MB are not swallowed
        for number in range(1, 4001):
            reply = talk.read()
            equal((reply["id"], "result" in reply), (number, True))
        writer.join()
        grown = peak_of(talk.process) - before
        if grown > 16_000:
            raise AssertionError(f"{grown} kB")
        equal(talk.close(), 0)


def flood_while_waiting():
    """a client whose calls wait for the tools is read no further than one message's limit"""
    with Talk("no-tools-answer", options=["--tools-timeout", "2"]).shake_hands() as talk:
        writer = flood(talk, 4000)
        writer.join(1)
        equal(writer.is_alive(), True)
        for number in range(1, 4001):
            refused(talk.read(), number)
        writer.join()
        equal(talk.close(), 0)


def ordinary_signals():
    """the server starts with the signals of an ordinary program"""
    with Talk(command=["sh", "-c", "grep SigIgn /proc/self/status >&2"]) as talk:
        equal(talk.close(), 0)
        ignored = int(talk.stderr().split()[1], 16)
        equal(ignored >> (signal.SIGPIPE - 1) & 1, 0)


def noise():
    """what a server says out of turn reaches nobody, and its question is refused"""
    with Talk("noise").shake_hands() as talk:
        equal(talk.call(1), {"jsonrpc": "2.0", "id": 1, "result": {"content": []}})
        equal(talk.close(), 0)
        equal(talk.rest, b"")
        contains(talk.stderr(), '{"jsonrpc":"2.0","id":"s","error":{"code":403')


def pages():
    """all pages of the list of tools are known before the first call is judged"""
    with Talk("pages").shake_hands() as talk:
        answered(talk.call(1, tool="echo4"), "hi")
        refused(talk.call(2, tool="echo5"), 2)
        equal(talk.close(), 0)


def no_listing():
    """without a list in time every call is denied, and a line says so"""
    with Talk("no-tools-answer", options=["--tools-timeout", "0.2"]).shake_hands() as talk:
        refused(talk.call(1), 1)
        equal(talk.close(), 0)
        contains(talk.stderr(), "mcpgov: the tools of the server cannot be listed")


def no_tools():
    """a server without tools is governed all the same"""
    with Talk("no-tools-method").shake_hands() as talk:
        refused(talk.call(1), 1)
        equal(talk.ask(2, "ping"), {"jsonrpc": "2.0", "id": 2, "result": {}})
        equal(talk.close(), 0)
        lacks(talk.stderr(), "mcpgov: the tools")


def changing():
    """a list that changes is listed again before the next call"""
    with Talk("changing").shake_hands() as talk:
        equal(talk.call(1)["result"], {"content": []})
        equal(talk.read()["method"], "notifications/tools/list_changed")
        refused(talk.call(2), 2)
        equal(talk.call(3, tool="late")["result"], {"content": []})
        equal(talk.close(), 0)


def roots_first():
    """a server that asks before it lists its tools gets its answer"""
    with Talk("roots-first").shake_hands() as talk:
        question = talk.ask(1, "tools/call", {"name": "echo", "arguments": {"text": "hi"}})
        equal(question["method"], "roots/list")
        talk.send({"jsonrpc": "2.0", "id": "roots", "result": {"roots": []}})
        answered(talk.read(), "hi")
        equal(talk.close(), 0)


def signals_pass():
    """TERM and INT reach the server, once, and its exit code comes back"""
    for number in (signal.SIGTERM, signal.SIGINT):
        with Talk("polite").shake_hands() as talk:
            answered(talk.call(1), "hi")
            talk.process.send_signal(number)
            equal(talk.process.wait(), 42)
            equal(talk.stderr().count("signal "), 1)


def shutdown_in_steps():
    """a server that stays after the end of its input is asked to leave, then made to"""
    with Talk("deaf", options=["--exit-timeout", "0.2"]).shake_hands() as talk:
        answered(talk.call(1), "hi")
        equal(talk.close(), 128 + signal.SIGTERM)
    with Talk("stubborn", options=["--exit-timeout", "0.2"]).shake_hands() as talk:
        answered(talk.call(1), "hi")
        equal(talk.close(), 128 + signal.SIGKILL)


def killed_outright():
    """when we are killed, the server sees the end of its input and leaves"""
    with Talk("plain").shake_hands() as talk:
        answered(talk.call(1), "hi")
        talk.process.kill()
        equal(talk.process.stdout.read(), b"")  # the server was the last to hold nothing of it
        talk.process.wait()


def client_gone():
    """a client that stops reading ends the conversation"""
    with Talk("plain", options=["--exit-timeout", "0.2"]).shake_hands() as talk:
        answered(talk.call(1), "hi")
        talk.process.stdout.close()
        talk.send({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
                   "params": {"name": "echo", "arguments": {"text": "hi"}}})
        equal(talk.process.wait(), 0)
        talk.process.stdout = open(os.devnull, "rb")  # pylint: disable=consider-using-with


def reload():
    """HUP reads the configuration again; one that is wrong changes nothing"""
    with Talk("plain").shake_hands() as talk:
        answered(talk.call(1, "quiet"), "quiet")
        path = talk.path / "mcpgov.yaml"
        path.write_text(CONFIG.replace("*secret*", "*quiet*"))
        talk.process.send_signal(signal.SIGHUP)
        while len(records_of(talk, "mcpgov/replace")) < 1:
            equal(talk.ask(2, "ping")["result"], {})
        refused(talk.call(3, "quiet"), 3)
        path.write_text("version: 1\nservers: {demo: {policies: [{text: 'permit'}]}}\n")
        talk.process.send_signal(signal.SIGHUP)
        while len(records_of(talk, "mcpgov/replace")) < 2:
            equal(talk.ask(4, "ping")["result"], {})
        refused(talk.call(5, "quiet"), 5)
        answered(talk.call(6, "loud"), "loud")
        contains(talk.stderr(), "mcpgov: the configuration stays as it was: ")
        equal([r["allowed"] for r in records_of(talk, "mcpgov/replace")], [True, False])
        equal(talk.close(), 0)


def records_of(talk, method):
    return [record for record in talk.records() if record.get("method") == method]


def not_started():
    """a server that is not there, and a configuration that is not there, are told apart"""
    with Talk(command=["./no-such-server"]) as talk:
        equal(talk.process.wait(), 127)
        contains(talk.stderr(), "mcpgov: `./no-such-server` cannot be started: ")
        contains(talk.stderr(), "[process_failed]\n")
    with Talk("plain", options=["--config", "none.yaml"]) as talk:
        equal(talk.process.wait(), 1)
        contains(talk.stderr(), "[file_unreadable]\n")


def nobody():
    """without a caller everything is denied, and a line says so"""
    config = CONFIG.replace("identity: {stdio: {kind: user, issuer: idp, subject: ann}}", "")
    with Talk("plain", config=config) as talk:
        equal(talk.ask(1, "ping")["error"], {"code": 401, "message": "Unauthenticated"})
        equal(talk.close(), 0)
        contains(talk.stderr(), "mcpgov: warning: no caller is named")


def caller_option():
    """--caller says who calls, in place of the configuration"""
    config = CONFIG.replace("(principal, action in", '(principal == Demo::User::"idp#bo", action in')
    with Talk("plain", config=config).shake_hands() as talk:
        refused(talk.call(1), 1)
        equal(talk.close(), 0)
    bo = '{"kind":"user","issuer":"idp","subject":"bo"}'
    with Talk("plain", config=config, options=["--caller", bo]).shake_hands() as talk:
        answered(talk.call(1), "hi")
        equal(talk.close(), 0)


def tenant_option():
    """--tenant decides with the servers of that tenant"""
    config = CONFIG + "tenants: {acme: {servers: {demo: {namespace: Demo}}}}\n"
    with Talk("plain", config=config, options=["--tenant", "acme"]).shake_hands() as talk:
        refused(talk.call(1), 1)
        equal(talk.close(), 0)
        contains(talk.stderr(), "of tenant `acme` has no policies")
    with Talk("plain", options=["--tenant", "acme"]) as talk:
        equal(talk.process.wait(), 1)
        contains(talk.stderr(), "[tenant_unknown]\n")


TESTS = [ordinary, unchanged, exit_codes, crash_is_recorded, halves, no_line_end, too_long,
         too_long_answer, long_within_limits, slow_reader,
         flood_while_waiting, ordinary_signals, noise, pages, no_listing, no_tools, changing, roots_first,
         signals_pass, shutdown_in_steps, killed_outright, client_gone, reload, not_started, nobody,
         caller_option, tenant_option]

if __name__ == "__main__":
    sys.exit(run_all(TESTS))
