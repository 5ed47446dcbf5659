"""The log from Python: records, waiting, health, metrics, sinks, and workers that fork.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import json
import os

import mcpgov
import pytest
from conftest import OPEN, call

TOOLS = json.dumps([
    {"name": "look", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}},
    {"name": "drop", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": True}}])


def configured(folder, more=""):
    return OPEN.replace("    unknown_tools: natural\n", f"    tools: {{text: '{TOOLS}'}}\n") + (
        f"audit: {{directory: {folder}/log, sync_interval_us: 1000{more}}}\n")


@pytest.fixture
def logged(tmp_path):
    return mcpgov.Governor.parse(configured(tmp_path))


def answer(session, verdict):
    reply = session.reply(verdict)
    reply.feed(b'{"jsonrpc":"2.0","id":1,"result":{"content":[]}}')
    return reply.end()


def test_a_call_is_counted_and_flushed(logged):
    session = logged.session(server="shop")
    (verdict,) = session.receive(call("look"))
    assert verdict.allowed
    answer(session, verdict)
    assert logged.flush(within=10)
    health = logged.audit_health
    assert health["state"] == "healthy"
    assert (health["begun"], health["ended"], health["lost"], health["open"]) == (1, 1, 0, 0)
    assert health["durable"] >= 1
    assert 'mcpgov_decisions_total{' in logged.metrics


def test_a_destructive_call_waits_until_its_record_is_on_the_disk(logged):
    session = logged.session(server="shop")
    (verdict,) = session.receive(call("drop"))
    if not verdict.allowed:  # the disk may have been faster
        assert verdict.reason == "audit_waits"
        assert [step.kind for step in verdict.pending] == ["record"]
        assert session.wait_recorded(verdict, within=10)
        verdict = session.resume(verdict, [mcpgov.Answer(number=verdict.pending[0].number)])
    assert verdict.allowed
    assert answer(session, verdict)


def test_complete_waits_for_records(logged):
    session = logged.session(server="shop")
    (verdict,) = session.receive(call("drop"))
    verdict = asyncio.run(mcpgov.complete(session, verdict, within=10))
    assert verdict.allowed


def test_a_child_writes_a_log_of_its_own(logged, tmp_path):
    session = logged.session(server="shop")
    (verdict,) = session.receive(call("look"))
    answer(session, verdict)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            mine = logged.session(server="shop")
            (verdict,) = mine.receive(call("look"))
            allowed = verdict.allowed
            answer(mine, verdict)
            code = 0 if allowed and logged.flush(within=10) else 2
            code = code or (0 if logged.audit_health["ended"] == 1 else 3)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert logged.flush(within=10)
    logs = [entry for entry in (tmp_path / "log").iterdir() if (entry / "lock").exists()]
    assert len(logs) == 2


def test_sinks_take_records_to_a_file(tmp_path):
    out = tmp_path / "out.jsonl"
    governor = mcpgov.Governor.parse(
        configured(tmp_path, f", sinks: {{plain: {{type: file, path: {out}, sealed: false}}}}"))
    with mcpgov.Sinks.start(governor) as sinks:
        session = governor.session(server="shop")
        (verdict,) = session.receive(call("look"))
        answer(session, verdict)
        assert governor.flush(within=10)
        assert sinks.stop(within=10)
        (status,) = sinks.status
        assert status["name"] == "plain" and status["error"] == ""
    events = [json.loads(line) for line in out.read_text().splitlines()]
    (event,) = [each for each in events if each.get("kind") == "call"]
    assert event["target"] == "look" and event["outcome"] == "completed"
    assert event["arguments"]["bytes"] == 2 and "value" not in event["arguments"]


def test_sinks_that_are_wrong_are_told_with_their_place(tmp_path):
    governor = mcpgov.Governor.parse(configured(tmp_path, ", sinks: {a: {type: carrier_pigeon}}"))
    with pytest.raises(mcpgov.Error) as raised:
        mcpgov.Sinks.start(governor)
    assert raised.value.name == "audit_sink"
    assert "audit.sinks.a.type" in str(raised.value)


def test_without_a_log_there_is_no_health(governor):
    with pytest.raises(ValueError):
        governor.audit_health
    with pytest.raises(ValueError):
        governor.flush()
    with pytest.raises(ValueError):
        governor.metrics
    with pytest.raises(mcpgov.Error):
        mcpgov.Sinks.start(governor)
