"""The files of observability/, each loaded by the program that it is for.

SPDX-License-Identifier: Apache-2.0
"""

import configparser
import json
import re
import shutil
import subprocess

import duckdb
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from conftest import ROOT, batch

FOLDER = ROOT / "observability"
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
RULES = yaml.safe_load((FOLDER / "prometheus-rules.yml").read_text())


def need(program, package):
    if not shutil.which(program):
        pytest.skip(f"{program} (Debian package {package}) is not installed")


def sample_names():
    """Names of all samples that a scrape has, as Prometheus stores them."""
    families = text_string_to_metric_families(batch("metrics").decode())
    return {sample.name for family in families for sample in family.samples}


def queries():
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert", rule.get("record")), rule["expr"]


@pytest.mark.parametrize("title,expression", list(queries()))
def test_queries_name_metrics_and_labels_that_there_are(title, expression):
    names = sample_names()
    used = set(re.findall(r"\b((?:mcp|mcpgov)_[a-z0-9_]+)(?=[\[{\s)>]|$)", expression))
    labels = {"mcp_method_name", "gen_ai_tool_name"}
    assert used - labels and used - labels <= names, title
    known = {label for family in text_string_to_metric_families(batch("metrics").decode())
             for sample in family.samples for label in sample.labels} | {"job"}
    for inside in re.findall(r"\{([^{}]*)\}", expression):
        for label in re.findall(r"([a-z_]+)\s*(?:=~|!=|!~|=)", inside):
            assert label in known, f"{title}: {label}"


def test_prometheus_accepts_every_query_of_the_dashboard(tmp_path):
    need("promtool", "prometheus")
    rules = [{"record": f"panel:{n}", "expr": expression.replace("$__rate_interval", "5m")
              .replace("$__range", "6h").replace("$job", ".*").replace("$tool", ".*")}
             for n, (_, expression) in enumerate(queries())]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_rules_are_accepted_and_their_tests_pass():
    need("promtool", "prometheus")
    for command in (["check", "rules", "prometheus-rules.yml"],
                    ["test", "rules", "prometheus-rules-test.yml"]):
        done = subprocess.run(["promtool", *command], cwd=FOLDER, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_is_whole():
    assert DASHBOARD["uid"] and DASHBOARD["title"] and DASHBOARD["schemaVersion"] >= 36
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    variables = {v["name"] for v in DASHBOARD["templating"]["list"]} | {
        "__rate_interval", "__range", "__all"}
    for name in re.findall(r"\$\{?([a-z_]+)\}?", json.dumps(DASHBOARD["panels"])):
        assert name in variables, name
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells


@pytest.fixture(name="database")
def _database(tmp_path):
    exported = tmp_path / "audit.jsonl"
    exported.write_bytes(batch("json"))
    connection = duckdb.connect()
    connection.execute(f"SET VARIABLE mcpgov_files = '{exported}'")
    connection.execute((FOLDER / "duckdb.sql").read_text())
    return connection


def test_duckdb_has_every_event_with_its_members(database, events):
    rows = database.execute("SELECT seq, kind, id, method, target, caller.subject, outcome, "
                            "decision.effect, arguments.tokens FROM events ORDER BY seq").fetchall()
    assert len(rows) == len(events)
    for seq, (row, event) in enumerate(zip(rows, events), 1):
        assert row == (seq, event["kind"], event.get("id"), event.get("method"),
                       event.get("target"), event.get("caller", {}).get("subject"),
                       event.get("outcome"), event.get("decision", {}).get("effect"),
                       event.get("arguments", {}).get("tokens"))


def test_duckdb_answers_the_questions(database, events):
    denied = sum(e["kind"] == "call" and e["decision"]["effect"] == "deny" for e in events)
    assert len(database.execute("FROM denials").fetchall()) == denied > 0
    tools = [e for e in events if e["kind"] == "call" and e.get("target_kind") == "tool"]
    assert database.execute("SELECT sum(calls) FROM use").fetchone()[0] == len(tools)
    assert database.execute("FROM gaps").fetchall() == []
    # The samples' only intent has the id of their calls.
    assert database.execute("FROM open_intents").fetchall() == []
    kinds = {e["kind"] for e in events} & {"loss", "recovery", "unreadable"}
    assert {kind for kind, in database.execute("SELECT kind FROM losses").fetchall()} == kinds
    database.execute("FROM reads_then_sends").fetchall()


def test_duckdb_finds_a_gap(tmp_path):
    lines = batch("json").splitlines(keepends=True)
    exported = tmp_path / "audit.jsonl"
    exported.write_bytes(b"".join(lines[:4] + lines[6:]))
    connection = duckdb.connect()
    connection.execute(f"SET VARIABLE mcpgov_files = '{exported}'")
    connection.execute((FOLDER / "duckdb.sql").read_text())
    assert connection.execute("FROM gaps").fetchall() == [("boot-1-uuid", 5, 6)]


def test_splunk_props_name_members_that_there_are(events):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(FOLDER / "splunk-props.conf")
    assert parser.sections() == ["mcpgov:audit", "mcpgov:audit:file"]
    usual = events[0]
    for key, value in parser["mcpgov:audit"].items():
        if key.startswith("FIELDALIAS-"):
            node = usual
            for name in value.split(" AS ")[0].split("."):
                node = node[name]
    prefix = parser["mcpgov:audit"]["TIME_PREFIX"]
    assert re.search(prefix + r"\d{4}-", batch("json").decode().splitlines()[0])


def test_the_collector_configuration_names_only_what_it_defines():
    read = yaml.safe_load((FOLDER / "otel-collector.yaml").read_text())
    for pipeline in read["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            for name in pipeline.get(kind, []):
                assert name in read[kind]
    # Events are evidence: nothing may drop them on their way.
    assert "tail_sampling" not in read["service"]["pipelines"]["logs"]["processors"]
