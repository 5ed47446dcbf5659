"""What the Python module promises beyond the shared cases: types, errors, sinks and threads.

SPDX-License-Identifier: Apache-2.0
"""

import gc
import json
import os
import subprocess
import sys
import threading
import weakref

import mcpgov
import pytest
from conftest import OPEN, ROOT, call

TOOLS_LIST = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'


def test_version_is_told_once():
    assert mcpgov.__version__ == (ROOT / "VERSION").read_text().strip()


def test_a_decision_is_no_truth_value(governor):
    verdicts = governor.session(server="shop").receive(call())
    with pytest.raises(TypeError, match="allowed"):
        bool(verdicts)
    with pytest.raises(TypeError, match="allowed"):
        bool(verdicts[0])
    with pytest.raises(IndexError):
        verdicts[1]
    assert verdicts[-1].allowed is True


@pytest.mark.parametrize("body", ["{}", bytearray(b"{}"), memoryview(b"{}"), None, 1, {}])
def test_only_bytes_are_a_body(governor, body):
    with pytest.raises(TypeError):
        governor.session(server="shop").receive(body)


@pytest.mark.parametrize("options", [
    {}, {"server": 1}, {"server": "shop", "unknown": 1}, {"server": "shop", "caller": 7}])
def test_options_of_a_session_are_checked(governor, options):
    with pytest.raises(TypeError):
        governor.session(**options)


def test_words_are_checked(governor):
    with pytest.raises(ValueError, match="streamable_http"):
        governor.session(server="shop", transport="http")
    session = governor.session(server="shop")
    with pytest.raises(ValueError, match="from_server"):
        session.receive(call(), direction="from_nowhere")
    verdict = session.receive(call())[0]
    with pytest.raises(ValueError, match="event_stream"):
        session.reply(verdict, format="xml")
    assert verdict.allowed, "a mistake does not spend the verdict"
    with pytest.raises(TypeError):
        governor.session("shop")


def test_errors_say_where(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("version: 1\nservers:\n  shop: {polices: []}\n")
    with pytest.raises(mcpgov.Error) as raised:
        mcpgov.Governor.open(path)
    error = raised.value
    assert (error.name, error.line, error.file) == ("config_unknown_key", 3, str(path))
    assert error.code == 901 and error.column > 1 and "polices" in error.message
    assert str(error).startswith(f"{path}:3:")
    with pytest.raises(mcpgov.Error) as raised:
        mcpgov.Governor.parse(OPEN)
    assert raised.value.name == "config_missing_key", "without a place for the records"
    with pytest.raises(mcpgov.Error) as raised:
        mcpgov.Governor.open("no/such/file.yaml")
    assert raised.value.name == "file_unreadable"
    with pytest.raises(KeyError):
        mcpgov.code_sentence("no_such_code")
    assert mcpgov.code_sentence("policy_denied")


@pytest.mark.parametrize("members", [
    {}, {"kind": "root", "issuer": "a", "subject": "b"}, {"kind": "user", "issuer": "a"},
    {"kind": "user", "issuer": "a", "subject": "b", "roles": "all"},
    {"kind": "user", "issuer": "a", "subject": "b", "admin": True}])
def test_a_bad_caller_is_an_error_and_never_another_identity(governor, members):
    with pytest.raises(mcpgov.Error):
        mcpgov.Caller(**members)
    with pytest.raises(mcpgov.Error):
        governor.session(server="shop", caller=members)
    with pytest.raises(mcpgov.Error):
        governor.session(server="shop").receive(call(), caller=members)


def test_a_caller_may_be_prepared(governor, records):
    ann = mcpgov.Caller(kind="user", issuer="idp", subject="ann", roles=["r"], claims={"level": 3})
    assert (ann.kind, ann.issuer, ann.subject) == ("user", "idp", "ann")
    assert governor.session(server="shop").receive(call(), caller=ann)[0].allowed
    assert json.loads(records[0])["caller"]["subject"] == "ann"


@pytest.mark.parametrize("headers", [
    {"MCP-Protocol-Version": "2025-06-18"}, [("mcp-protocol-version", "2025-06-18")],
    [[b"mcp-protocol-version", b"2025-06-18"]]])
def test_headers_come_in_the_forms_of_python_servers(governor, headers):
    session = governor.session(server="shop", transport="streamable_http",
                               caller={"kind": "user", "issuer": "a", "subject": "b"})
    headers = {**headers, "content-type": "application/json"} if isinstance(headers, dict) else [
        *headers, ("content-type", "application/json")]
    assert session.receive(call(), method="POST", url="/mcp", headers=headers)[0].allowed
    bad = [("mcp-protocol-version", "1999-01-01")]
    assert not session.receive(call(number=2), method="POST", url="/mcp", headers=bad)[0].allowed
    with pytest.raises(ValueError, match="pair"):
        session.receive(call(), headers=[("a", "b", "c")])


@pytest.mark.parametrize(("sink", "shown"), [(lambda line: 1 / 0, {ZeroDivisionError}),
                                            (lambda line: False, set())])
def test_a_sink_that_refuses_denies(sink, shown, monkeypatch):
    raised = []
    monkeypatch.setattr(sys, "unraisablehook", lambda arguments: raised.append(arguments.exc_type))
    session = mcpgov.Governor.parse(OPEN, sink=sink).session(server="shop")
    verdict = session.receive(call())[0]
    assert (verdict.allowed, verdict.reason) == (False, "audit_unavailable")
    assert verdict.denial.http_status == 503
    assert set(raised) == shown


def test_a_sink_must_not_call_back(monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", lambda arguments: None)
    seen = []

    def sink(line):
        with pytest.raises(RuntimeError, match="sink"):
            session.receive(call(number=2))
        with pytest.raises(RuntimeError, match="sink"):
            governor.reload()
        seen.append(line)

    governor = mcpgov.Governor.parse(OPEN, sink=sink)
    session = governor.session(server="shop")
    assert session.receive(call())[0].allowed
    assert len(seen) == 2


def test_a_sink_must_be_callable():
    with pytest.raises(TypeError, match="callable"):
        mcpgov.Governor.parse(OPEN, sink="file.jsonl")


def test_the_sink_is_let_go_of_with_the_last_session():
    class Sink:
        def __call__(self, line):
            return True

    sink = Sink()
    gone = weakref.ref(sink)
    governor = mcpgov.Governor.parse(OPEN, sink=sink)
    session = governor.session(server="shop")
    del sink, governor
    assert session.receive(call())[0].allowed
    assert gone() is not None
    del session
    gc.collect()
    assert gone() is None


def test_a_verdict_dropped_inside_a_sink_is_recorded_after_it():
    lines, cell = [], {}

    def sink(line):
        lines.append(json.loads(line))
        cell.pop("verdict", None)  # as the garbage collector may do at any time

    session = mcpgov.Governor.parse(OPEN, sink=sink).session(server="shop")
    cell["verdict"] = session.receive(call())[0]
    first = cell["verdict"].record_id
    session.receive(call(number=2))
    session.receive(call(number=3))
    assert any(r["id"] == first and r.get("outcome") == "abandoned" for r in lines)


def test_a_verdict_outlives_its_session_governor_and_siblings(records):
    governor = mcpgov.Governor.parse(OPEN, sink=records.append)
    verdict = governor.session(server="shop").receive(call())[0]
    del governor
    gc.collect()
    assert verdict.allowed and verdict.policies == ["all"]
    assert verdict.message.bytes == call()
    assert len(verdict.record_id) == 32
    del verdict
    assert json.loads(records[-1])["outcome"] == "abandoned"


def test_reload_reads_the_file_again(tmp_path, records):
    path = tmp_path / "mcpgov.yaml"
    path.write_text(OPEN)
    governor = mcpgov.Governor.open(path, sink=records.append)
    session = governor.session(server="shop")
    assert session.receive(call())[0].allowed
    first = governor.generation
    path.write_text(OPEN.replace("permit", "forbid"))
    assert governor.reload().number == first.number + 1
    assert governor.generation.digest != first.digest
    assert not session.receive(call(number=2))[0].allowed
    path.write_text("version: 1\n")
    with pytest.raises(mcpgov.Error):
        governor.reload()
    assert not session.receive(call(number=3))[0].allowed


def test_wanted_tools(records):
    governor = mcpgov.Governor.parse("version: 1\nservers: {shop: {}}\n", sink=records.append)
    session = governor.session(server="shop")
    assert governor.generation.warnings and session.wants_tools
    session.set_tools('[{"name": "t", "inputSchema": {"type": "object"}}]')
    assert not session.wants_tools


def test_threads_share_a_governor_and_even_a_session(records):
    governor = mcpgov.Governor.parse(OPEN, sink=records.append)
    shared = governor.session(server="shop")
    wrong = []

    def work(thread):
        own = governor.session(server="shop")
        for number in range(100):
            for session in (own, shared):
                verdict = session.receive(call(number=thread * 1000 + number))[0]
                reply = session.reply(verdict)
                answer = b'{"jsonrpc":"2.0","id":%d,"result":{}}' % (thread * 1000 + number)
                if reply.feed(answer) + reply.end() != answer:
                    wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(records) == 4 * 100 * 2 * 2


@pytest.mark.filterwarnings("ignore:This process.*:DeprecationWarning")
def test_a_session_of_before_a_fork_denies_in_the_child(governor):
    session = governor.session(server="shop")
    assert session.receive(call())[0].allowed
    child = os.fork()
    if child == 0:
        old = session.receive(call(number=2))[0]
        new = governor.session(server="shop").receive(call(number=2))[0]
        good = (old.allowed, old.reason, new.allowed) == (False, "forked", True)
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_interpreter_ends_with_open_verdicts():
    program = (f"import mcpgov\ng = mcpgov.Governor.parse({OPEN!r}, sink=print)\n"
               f"s = g.session(server='shop')\nv = s.receive({call()!r})\n"
               "r = s.reply(s.receive(b'{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}')[0])\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"event":"decision"' in done.stdout


def test_stubs_agree_with_the_module_and_a_strict_program(tmp_path):
    program = tmp_path / "program.py"
    program.write_text((ROOT / "tests/python/typed_program.py").read_text())
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir",
                           str(tmp_path / "cache"), str(program)], capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stdout
    program.write_text(program.read_text().replace("if verdict.allowed:", "if verdict.alowed:"))
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir",
                           str(tmp_path / "cache"), str(program)], capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 1 and "alowed" in done.stdout
