"""docs/audit-event.schema.json: it admits every event, and nothing that is none.

SPDX-License-Identifier: Apache-2.0
"""

import copy
import json

import jsonschema
import pytest

from conftest import ROOT, batch, stored

SCHEMA = json.loads((ROOT / "docs/audit-event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("number", range(len(stored())))
def test_every_event_is_valid(number):
    assert [e.message for e in VALIDATOR.iter_errors(stored()[number])] == []


def test_every_member_of_the_schema_is_in_some_event(events):
    """A member that no event has is a mistake of the schema, or of the samples."""
    seen = set()

    def walk(node, path):
        if isinstance(node, dict):
            for key, value in node.items():
                seen.add(f"{path}.{key}")
                walk(value, f"{path}.{key}")
        elif isinstance(node, list):
            for each in node:
                walk(each, path)

    for event in events:
        walk(event, "")
    wanted = {f".{name}" for name in SCHEMA["$defs"]["message"]["properties"]}
    for name in ("caller", "decision", "session", "trace", "tool"):
        properties = SCHEMA["$defs"]["message"]["properties"][name]["properties"]
        wanted |= {f".{name}.{each}" for each in properties}
    for name in ("arguments", "result"):
        wanted |= {f".{name}.{each}" for each in SCHEMA["$defs"][name]["properties"]}
    missing = wanted - seen
    # Of these the samples have one side only.
    assert missing <= {".arguments.digest_bytes", ".arguments.cut", ".result.sealed",
                       ".result.found"}, missing


WRONG = {
    "an unknown member": lambda e: e.update(note="x"),
    "no id": lambda e: e.pop("id"),
    "an id that is none": lambda e: e.update(id="x"),
    "another version": lambda e: e.update(v=2),
    "a time without microseconds": lambda e: e.update(time="2026-11-20T07:23:00Z"),
    "no caller": lambda e: e.pop("caller"),
    "a caller of no kind": lambda e: e["caller"].pop("kind"),
    "claims of a caller": lambda e: e["caller"].update(claims={}),
    "no decision": lambda e: e.pop("decision"),
    "an effect between": lambda e: e["decision"].update(effect="maybe"),
    "a call without an outcome": lambda e: e.pop("outcome"),
    "an outcome that does not exist": lambda e: e.update(outcome="fine"),
    "an intent with an outcome": lambda e: e.update(kind="intent"),
    "a negative latency": lambda e: e.update(latency_ns=-1),
    "a digest that is not keyed": lambda e: e["arguments"].update(digest="0123456789abcdef" * 2),
    "a value beside the sealed one": lambda e: e["arguments"].update(
        sealed={"key": "a", "nonce": "b", "text": "c"}),
    "content without a size": lambda e: e["result"].pop("bytes"),
    "result with names of arguments": lambda e: e["result"].update(keys=[]),
    "a class that does not exist": lambda e: e["tool"].update({"class": "none"}),
    "flags beyond a byte": lambda e: e["trace"].update(flags=256),
    "a cut that nobody makes": lambda e: e.update(cut=["decision"]),
    "tool_error that is false": lambda e: e.update(tool_error=False),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_event_is_refused(what):
    event = copy.deepcopy(stored()[0])
    assert VALIDATOR.is_valid(event)
    WRONG[what](event)
    assert not VALIDATOR.is_valid(event), what


def test_lines_of_the_json_form_are_events_with_their_place():
    for line in batch("json").splitlines():
        event = json.loads(line)
        assert event.pop("log") == "boot-1-uuid" and event.pop("seq") > 0
        assert VALIDATOR.is_valid(event)
