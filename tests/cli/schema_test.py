"""`mcpgov schema`, and `mcpgov check` of policies against the tools they are about.

usage: schema_test.py PATH-OF-MCPGOV

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from checks import contains, equal, lacks, run_all

MCPGOV = pathlib.Path(sys.argv[1]).resolve()
STUB = """namespace Shop {
  @mcp_principal("User") entity User = { department: String };
  @mcp_resource("McpServer") entity McpServer;
  @mcp_action("call_tool") action call_tool;
}
"""
TOOLS = [{"name": "get-sum", "inputSchema": {"type": "object", "required": ["a"], "properties": {
    "a": {"type": "number"}, "mode": {"type": "string", "enum": ["fast", "exact"]}}}},
    {"name": "odd", "inputSchema": {"type": "object", "properties": {"p": {"type": "wrong"}}}}]
RIGHT = """permit (principal, action == Shop::Action::"get-sum", resource)
when { context.input.a.lessThan(decimal("5.0")) };
"""
WRONG = """permit (principal, action == Shop::Action::"get-sum", resource)
when { context.input.amount == 5 };
"""


class Place:
    """A folder with a stub, a list of tools and a configuration."""

    def __init__(self, policy=RIGHT):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.write("stub.cedarschema", STUB)
        self.write("tools.json", json.dumps({"tools": TOOLS}))
        self.write("good.json", json.dumps(TOOLS[:1]))
        self.write("shop.cedar", policy)
        self.write("mcpgov.yaml", "version: 1\nservers:\n  shop:\n    namespace: Shop\n"
                                  "    policies: [shop.cedar]\naudit:\n  file: records.jsonl\n")

    def write(self, name, text):
        (self.path / name).write_text(text, encoding="utf-8")

    def run(self, *arguments, text=None):
        done = subprocess.run([MCPGOV, *arguments], cwd=self.path, input=text, text=True,
                              capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr


def the_schema_of_a_tool_list():
    """A stub and a tool list give a schema, in either syntax, on standard output or in a file."""
    place = Place()
    code, out, errors = place.run("schema", "--agent", "stub.cedarschema", "good.json")
    equal((code, errors), (0, ""))
    contains(out, "a: decimal,\n    mode?: Shop::get_sum::Input::mode\n")
    contains(out, 'entity mode enum ["fast", "exact"];')
    code, shown, errors = place.run("schema", "--agent", "stub.cedarschema", "good.json",
                                    "--format", "json", "--out", "made.json")
    equal((code, shown, errors), (0, "", ""))
    contains(json.loads((place.path / "made.json").read_text())["Shop"]["actions"], "get-sum")
    code, again, _ = place.run("schema", "--translate", "made.json")
    equal((code, again), (0, out))
    code, back, _ = place.run("schema", "--translate", "-", text=out)
    contains(json.loads(back)["Shop"]["actions"], "get-sum")
    place.write("back.json", back)
    equal(place.run("schema", "--translate", "back.json"), (0, out, ""))


def the_built_in_stub():
    """Without a stub, a namespace is enough."""
    code, out, errors = Place().run("schema", "--agent", "--namespace", "Acme::Shop", "good.json")
    equal((code, errors), (0, ""))
    contains(out, "namespace Acme::Shop {")
    contains(out, "pinned?: PinnedHints")


def what_the_options_change():
    """The options are those of Cedar's generator, and by default its names."""
    place = Place()
    place.write("t.json", json.dumps({"name": "t", "inputSchema": {"properties": {
        "o": {"type": "object", "properties": {"n": {"type": "number"}}}}}}))
    for option, part in [("", "n?: Number"), ("--objects-as-records", "type o = {"),
                         ("--encode-numbers-as-decimal", "n?: decimal"),
                         ("--flatten-namespaces", "entity t_Input_o = {"),
                         ("--keep-annotations", '@mcp_action("call_tool")'),
                         ("--include-outputs", "output?: tOutput")]:
        code, out, errors = place.run("schema", *option.split(), "stub.cedarschema", "t.json")
        equal((code, errors), (0, ""))
        contains(out, part if option else "n?: Shop::Number")


def what_cannot_be_made_a_schema():
    """One line says what is wrong and where; exit code 1."""
    place = Place()
    for arguments, part in [
            (["stub.cedarschema", "good.json"], "/0/name: the name is no identifier of Cedar"),
            (["--agent", "stub.cedarschema", "tools.json"], "/tools/1/inputSchema/properties/p: "),
            (["--agent", "--namespace", "if", "good.json"], "[config_value]"),
            (["--agent", "good.json"], "a stub or --namespace is needed"),
            ([], "a tool list or --translate is needed"),
            (["--agent", "missing", "good.json"], "[file_unreadable]"),
            (["--translate", "shop.cedar"], "shop.cedar:1:1: "),
            (["--agent", "good.json", "good.json"], "good.json:1:1: ")]:
        code, out, errors = place.run("schema", *arguments)
        equal((code, out, errors.count("\n")), (1, "", 1))
        contains(errors, part)


def policies_that_fit():
    """`check --tools` is content with a policy that fits; tools nobody can call are only told."""
    code, out, errors = Place().run("check", "--tools", "tools.json")
    equal(code, 0)
    contains(out, "2 tools")
    contains(errors, "calls to `odd` are denied")
    lacks(errors, "error: policy")


def a_misspelt_argument():
    """An argument that the tool does not have is an error with file, line and column."""
    place = Place(WRONG)
    equal(place.run("check")[0], 0)
    code, _, errors = place.run("check", "--tools", "tools.json")
    equal(code, 1)
    contains(errors, "shop.cedar:2:")
    contains(errors, "amount")
    contains(errors, "[UnsafeAttributeAccess]")


def attributes_of_ones_own():
    """A stub says what else callers have; without it such an attribute is an error."""
    place = Place('permit (principal, action == Shop::Action::"get-sum", resource)\n'
                  'when { principal.department == "x" };\n')
    equal(place.run("check", "--tools", "good.json")[0], 1)
    code, _, errors = place.run("check", "--tools", "good.json", "--stub", "stub.cedarschema")
    equal((code, errors), (0, ""))


def the_reviewed_list():
    """With a stub alone, the server's own list of tools counts; without any it is told."""
    place = Place(WRONG)
    code, _, errors = place.run("check", "--stub", "stub.cedarschema")
    equal(code, 0)
    contains(errors, "has no list of tools")
    config = (place.path / "mcpgov.yaml").read_text()
    place.write("mcpgov.yaml", config.replace("    policies", "    tools: good.json\n    policies"))
    code, _, errors = place.run("check", "--stub", "stub.cedarschema")
    equal(code, 1)
    contains(errors, "shop.cedar:2:")


def options_without_effect():
    """An option that would change nothing is refused instead of being dropped."""
    place = Place(WRONG)
    for options in (["--agent", "--namespace", "A", "--flatten-namespaces", "good.json"],
                    ["--agent", "--namespace", "A", "--deduplicate-entity-types", "good.json"],
                    ["--namespace", "A", "stub.cedarschema", "good.json"],
                    ["--format", "json", "--translate", "stub.cedarschema"],
                    ["--agent", "--translate", "stub.cedarschema"],
                    ["--namespace", "A", "--translate", "stub.cedarschema"],
                    ["--include-outputs", "--translate", "stub.cedarschema"],
                    ["--keep-annotations", "--translate", "stub.cedarschema"]):
        code, out, errors = place.run("schema", *options)
        equal((code, out), (1, ""))
        contains(errors, "not for it" if "stub.cedarschema" == options[2] and "good.json" in options
                 else "excludes")


if __name__ == "__main__":
    sys.exit(run_all([options_without_effect, the_schema_of_a_tool_list, the_built_in_stub, what_the_options_change,
                      what_cannot_be_made_a_schema, policies_that_fit, a_misspelt_argument,
                      attributes_of_ones_own, the_reviewed_list]))
