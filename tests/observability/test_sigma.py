"""Sigma rules: read by pySigma, and run over the samples.

SPDX-License-Identifier: Apache-2.0
"""

import re

import pytest
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule
from sigma.correlations import SigmaCorrelationRule

from conftest import ROOT

FOLDER = ROOT / "observability/sigma"
FILES = sorted(FOLDER.glob("*.yml"))


def rules():
    for path in FILES:
        yield from SigmaCollection.from_yaml(path.read_text()).rules


def values_at(event, field):
    """The value of a dotted field; names may hold dots of their own only at the end."""
    node = event
    for name in field.split("."):
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    return node


def item_matches(item, event):
    value = values_at(event, item.field)
    if value is None:
        return False
    for wanted in item.value:
        kind = type(wanted).__name__
        if kind == "SigmaCompareExpression":
            if value >= int(wanted.number.number):
                return True
        elif kind == "SigmaRegularExpression":
            if re.search(wanted.regexp.to_plain() if hasattr(wanted.regexp, "to_plain")
                         else str(wanted.regexp), str(value)):
                return True
        elif kind == "SigmaBool":
            if value is wanted.boolean:
                return True
        elif kind == "SigmaString" and str(wanted) == str(value):
            return True
    return False


def detection_matches(detection, event):
    results = [detection_matches(d, event) if type(d).__name__ == "SigmaDetection"
               else item_matches(d, event) for d in detection.detection_items]
    linking = detection.item_linking.__name__
    return any(results) if linking == "ConditionOR" else all(results)


def rule_matches(rule, event):
    known = {name: detection_matches(d, event) for name, d in rule.detection.detections.items()}
    condition = rule.detection.condition[0]
    assert re.fullmatch(r"\w+( (and|or) \w+)*", condition)
    return eval(condition, {"__builtins__": {}}, known)  # names and `and`, `or` only


def by_title(title):
    return next(r for r in rules() if r.title == title)


def test_there_are_rules_and_each_has_an_id_of_its_own():
    ids = [str(r.id) for r in rules()]
    assert len(ids) >= 8 and len(ids) == len(set(ids))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_pysigma_reads_it_without_errors(path):
    collection = SigmaCollection.from_yaml(path.read_text())
    assert not collection.errors
    for rule in collection.rules:
        assert not rule.errors and rule.title and rule.level is not None
        assert isinstance(rule, (SigmaRule, SigmaCorrelationRule))


HITS = {
    "Many MCP calls of one caller denied": lambda e: e["kind"] == "call" and
    e["decision"]["effect"] == "deny",
    "Destructive MCP tool denied": lambda e: e["kind"] == "call" and
    e["decision"]["effect"] == "deny" and e.get("tool", {}).get("class") == "destructive",
    "Audit log of MCP calls is not whole": lambda e: e["kind"] == "loss" or (
        e["kind"] == "call" and e["outcome"] == "unknown"),
    "MCP call of an agent session": lambda e: e["kind"] == "call" and e.get("peer") and
    e.get("session", {}).get("id"),
}


@pytest.mark.parametrize("title", HITS)
def test_rules_find_what_they_are_about_among_the_samples(title, events):
    found = [bool(rule_matches(by_title(title), e)) for e in events]
    assert found == [bool(HITS[title](e)) for e in events]
    assert any(found)


def test_a_secret_in_a_result_is_found(events):
    rule = by_title("Secret in the result of an MCP tool")
    assert not any(rule_matches(rule, e) for e in events)
    event = {**events[0], "result": {"bytes": 9, "found": {"jwt": 2}}}
    assert rule_matches(rule, event)


def test_detectors_that_rules_name_exist():
    table = (ROOT / "src/audit/detectors_table.cpp").read_text()
    for name in re.findall(r"found\.([a-z0-9-]+)", (FOLDER / "secret_in_result.yml").read_text()):
        assert f'{{"{name}"' in table, name
