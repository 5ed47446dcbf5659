"""docs/config.schema.json and docs/configuration.md say what the reader of the configuration does.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re

import jsonschema
import mcpgov
import pytest
import yaml
from conftest import OPEN, ROOT

SCHEMA = json.loads((ROOT / "docs/config.schema.json").read_text())
READER = "".join((ROOT / "src" / name).read_text() for name in (
    "governor/config.cpp", "governor/audit_settings.cpp", "identity/settings_json.cpp", "identity/settings_node.cpp"))
PAGE = (ROOT / "docs/configuration.md").read_text()


class Plain(yaml.SafeLoader):
    """Dates stay text, as they are for the library."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def closed_objects(schema):
    """The keys of every object of the schema that admits no others."""
    if isinstance(schema, list):
        for item in schema:
            yield from closed_objects(item)
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            yield frozenset(schema["properties"])
        for item in schema.values():
            yield from closed_objects(item)


def accepts(text):
    try:
        mcpgov.Governor.parse(text, directory=str(ROOT), sink=lambda line: True)
    except mcpgov.Error:
        return False
    return True


def valid(text):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.load(text, Plain))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_has_the_keys_of_the_reader_and_no_others():
    read = {frozenset(re.findall(r'"(\w+)"', keys))
            for keys in re.findall(r"expect_keys\(\s*\{(.*?)\}\)", READER, re.DOTALL)}
    callers = {name: value for name, value in SCHEMA["$defs"].items() if name in ("caller", "actor")}
    rest = {**SCHEMA, "$defs": {n: v for n, v in SCHEMA["$defs"].items() if n not in callers}}
    assert len(read) >= 9
    assert set(closed_objects(rest)) == read
    members = set(re.findall(r'key == "(\w+)"', (ROOT / "src/identity/caller_json.cpp").read_text()))
    assert set(SCHEMA["$defs"]["caller"]["properties"]) == members


def test_every_choice_of_the_reader_is_in_the_schema():
    def words(text):
        return frozenset(re.findall(r'"(\w+)"', text))

    read = {words(w) for w in re.findall(r"(?:choice<[\w:]+>|one_of)\(\{(.*?)\}\)", READER)}
    text = json.dumps(SCHEMA)
    told = {words(w) for w in re.findall(r'"enum": \[(.*?)\]', text)} | {frozenset({"enforce"})}
    assert read <= told and len(read) >= 6


def test_every_limit_of_the_reader_is_in_the_schema_and_on_the_page():
    scale = {"kBytes": 1024**3}
    read = {name: tuple(scale.get(n) or int(n.replace("'", "")) for n in (low, high))
            for name, low, high in re.findall(r'read\("(\w+)", [\w.]+, ([\d\']+), (\w+|[\d\']+)\)',
                                              READER)}
    told = SCHEMA["properties"]["limits"]["properties"]
    assert {n: (v["minimum"], v["maximum"]) for n, v in told.items()} == read
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|", PAGE, re.MULTILINE)
    page = {name: tuple(int(n.replace(",", "")) for n in numbers) for name, *numbers in rows}
    assert page == {n: (v["default"], v["minimum"], v["maximum"]) for n, v in told.items()}


def test_every_key_is_on_the_page():
    for keys in closed_objects(SCHEMA):
        for key in keys:
            assert re.search(rf"`(?:[\w\[\]]+\.)*{key}[`:]|[{{ ]{key}: ", PAGE), key


EXAMPLES = sorted(p for folder in ("examples", "policies", "tests/cases")
                  for p in (ROOT / folder).rglob("*.yaml")
                  if "servers:" in p.read_text())


@pytest.mark.parametrize("path", EXAMPLES, ids=[str(p.relative_to(ROOT)) for p in EXAMPLES])
def test_configurations_of_the_project_are_valid(path):
    assert valid(path.read_text())


def test_the_example_of_the_page_is_valid():
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert valid(block)


SERVER = "version: 1\nservers:\n  shop: {%s}\n"


@pytest.mark.parametrize("text", [
    OPEN, SERVER % "", SERVER % "mode: {observe_until: 2027-01-31}", SERVER % "lists: certain",
    SERVER % "methods: {ping: deny, tools/call: pass}", SERVER % "namespace: 'a::b'",
    SERVER % "" + "identity: {anonymous: true}\nlimits: {depth: 8, tasks: 1}\n",
    SERVER % "" + "audit: {required: false, arguments: names}\ntenants: {t: {servers: {}}}\n",
    SERVER % "" + "controls: {approvals: {shop: [refund]}}\n"])
def test_library_and_schema_accept(text):
    assert accepts(text) and valid(text)


@pytest.mark.parametrize("text", [
    "version: 1\n", "servers: {shop: {}}\n", "version: 2\nservers: {shop: {}}\n",
    "version: 1\nservers: {}\n", SERVER % "polices: []", SERVER % "policies: 7",
    SERVER % "policies: [{name: a}]", SERVER % "lists: all", SERVER % "denials: silent",
    SERVER % "mode: observe", SERVER % "mode: {observe_until: soon}", SERVER % "mapping: toolhive",
    SERVER % "methods: {ping: filter}", SERVER % "namespace: a-b", SERVER % "unknown_tools: allow",
    SERVER % "policy_errors: ignore", SERVER % "" + "identity: {anonymous: 7}\n",
    SERVER % "" + "identity: {stdio: {kind: user}}\n", SERVER % "" + "limits: {depth: 65}\n",
    SERVER % "" + "identity: {stdio: {kind: user, issuer: a, subject: b, root: true}}\n",
    SERVER % "" + "limits: {message_bytes: 0}\n", SERVER % "" + "audit: {arguments: some}\n",
    SERVER % "" + "controls: {approvals: [refund]}\n", SERVER % "" + "tenants: {t: {}}\n"])
def test_library_and_schema_refuse(text):
    assert not accepts(text) and not valid(text)
