"""Runs the language-neutral cases of tests/cases through the Python module.

SPDX-License-Identifier: Apache-2.0
"""

import gc
import json

import mcpgov
import pytest
from conftest import ROOT

FOLDER = ROOT / "tests/cases"
CASES = [(content, case)
         for content in (json.loads(p.read_text()) for p in sorted(FOLDER.glob("*.json")))
         for case in content["cases"]]


def text(value):
    """A text as it is, anything else as JSON without white space (README.md of the cases)."""
    whole = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"),
                                                            ensure_ascii=False)
    return whole.encode()


def waits_for(step):
    return f"{step.fetch.method} {step.fetch.url}" if step.fetch else step.prompt


def check_verdict(verdict, expected):
    assert verdict.allowed is expected["allowed"]
    assert verdict.reason == expected["reason"]
    denial, message = verdict.denial, verdict.message
    shown = {"status": denial.http_status, "denial": denial.body,
             "headers": [list(field) for field in denial.headers], "policies": verdict.policies,
             "pending": [waits_for(step) for step in verdict.pending], "method": message.method,
             "target": message.target, "id": message.id, "arguments": message.arguments,
             "bytes": message.bytes}
    for member in expected.keys() - {"allowed", "reason"}:
        got = shown[member]
        assert got == (text(expected[member]) if isinstance(got, bytes) else expected[member]), member


class Run:
    """The session of one case, and the verdicts of its last step."""

    def __init__(self, governor, options):
        self.governor = governor
        self.session = governor.session(**options)
        self.verdicts = []

    def verdict(self, what):
        return self.verdicts[what["verdict"]]

    def receive(self, what, expected):
        http = what.get("http", {})
        headers = [tuple(field) for field in http.get("headers", [])]
        verdicts = self.session.receive(
            text(what["body"]).ljust(what.get("pad_body_to", 0)),
            direction=what.get("direction", "from_client"), method=http.get("method", ""),
            url=http.get("url", ""), headers=headers, peer=what.get("peer", ""),
            caller=what.get("caller"))
        assert verdicts.batch is expected.get("batch", False)
        self.verdicts = list(verdicts)
        assert len(verdicts) == len(expected["verdicts"]) == len(self.verdicts)
        for verdict, wanted in zip(self.verdicts, expected["verdicts"]):
            check_verdict(verdict, wanted)

    def reply(self, what, expected):
        reply = self.session.reply(self.verdict(what), format=what.get("format", "automatic"))
        parts = [reply.feed(text(piece)) for piece in what["feed"]] + [reply.end()]
        assert b"".join(parts) == text(expected["bytes"])
        assert reply.http_status == expected["status"]
        assert reply.reason == expected["reason"]
        assert reply.to_server() == text(expected.get("to_server", ""))

    def await_answer(self, what, _):
        self.session.await_answer(self.verdict(what))

    def resume(self, what, expected):
        answers = [mcpgov.Answer(**{**answer, "body": text(answer.get("body", ""))})
                   for answer in what["answers"]]
        self.verdicts = [self.session.resume(self.verdict(what), answers)]
        check_verdict(self.verdicts[0], expected["verdicts"][0])

    def set_tools(self, what, expected):
        self.fails(expected["error"], lambda: self.session.set_tools(text(what)))

    def replace(self, what, expected):
        self.fails(expected["error"], lambda: self.governor.replace(what, directory=str(FOLDER)))

    @staticmethod
    def fails(name, action):
        if name == "none":
            action()
            return
        with pytest.raises(mcpgov.Error) as raised:
            action()
        assert raised.value.name == name


@pytest.mark.parametrize(("content", "case"), CASES, ids=[case["name"] for _, case in CASES])
def test_case(content, case):
    lines = []
    governor = mcpgov.Governor.open(FOLDER / content["configuration"], sink=lines.append)
    run = Run(governor, case["session"])
    for step in case["steps"]:
        kind = next(k for k in step if hasattr(Run, k))
        getattr(run, kind)(step[kind], step)
    del run
    gc.collect()  # a traceback of pytest.raises holds on to the session
    outcomes = [record["outcome"] for record in map(json.loads, lines) if "outcome" in record]
    assert outcomes == case["outcomes"]


def test_there_are_cases():
    assert len(CASES) >= 12
