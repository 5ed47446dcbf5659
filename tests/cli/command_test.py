"""`mcpgov authorize`, `check` and the command line itself: output, one-line errors, exit codes.

usage: command_test.py PATH-OF-MCPGOV

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from checks import contains, equal, lacks, run_all

MCPGOV = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]

CONFIG = """version: 1
servers:
  demo:
    namespace: Demo
    policies: [policy.cedar]
    denials: as_unknown
identity: {stdio: {kind: user, issuer: idp, subject: ann}}
audit: {file: records.jsonl}
tenants: {acme: {servers: {demo: {namespace: Demo}}}}
controls: {approvals: {demo: [deploy]}}
"""

POLICY = """@id("echo")
permit (principal, action == Demo::Action::"echo", resource);

@id("deploy")
permit (principal, action == Demo::Action::"deploy", resource);

@id("no-secrets")
forbid (principal, action, resource)
when { context.input.text like "*secret*" };

@id("roots-by-address")
permit (principal, action == Demo::Action::"list_roots", resource)
when { context.session.source_ip.isLoopback() };
"""

TOOLS = {"tools": [
    {"name": "echo", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}},
    {"name": "deploy", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}},
    {"name": "odd", "inputSchema": {"type": "object", "properties": {"x": {"$ref": "#/nowhere"}}}}]}


class Place:
    """A folder with a configuration."""

    def __init__(self, config=CONFIG, policy=POLICY):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        (self.path / "mcpgov.yaml").write_text(config)
        (self.path / "policy.cedar").write_text(policy)
        (self.path / "tools.json").write_text(json.dumps(TOOLS))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def run(self, *arguments, given=""):
        done = subprocess.run([MCPGOV, *arguments], cwd=self.path, input=given, text=True,
                              capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def authorize(self, message, *arguments):
        text = message if isinstance(message, str) else json.dumps(message)
        return self.run("authorize", *arguments, "-", given=text)

    def decide(self, message, *arguments):
        code, out, errors = self.authorize(message, "--json", *arguments)
        equal(errors, "")
        finding = json.loads(out)
        equal(code, 0 if finding["allowed"] else 2)
        return finding


def call(tool, **arguments):
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}}


def one_line(errors, *parts):
    equal(errors.count("\n"), 1)
    contains(errors[:8], "mcpgov: ")
    for part in parts:
        contains(errors, part)


def allowed():
    """an allowed call shows its policies with their place and the whole question"""
    with Place() as place:
        finding = place.decide(call("echo", text="hi"), "--tools", "tools.json",
                               "--time", "2026-11-20T10:00:00Z")
        equal(finding["allowed"], True)
        equal(finding["policies"], [{"id": "echo", "effect": "permit", "file": "policy.cedar",
                                     "line": 2, "column": 1}])
        question = finding["request"]
        equal(question["principal"], 'Demo::User::"idp#ann"')
        equal(question["action"], 'Demo::Action::"echo"')
        equal(question["resource"], 'Demo::McpServer::"demo"')
        contains(question["context"], 'input: {text: "hi"}')
        contains(question["entities"], 'Demo::Action::"echo" in [Demo::Action::"call_tool"]')
        equal(finding["denial"], None)
        code, out, errors = place.authorize(call("echo", text="hi"), "--tools", "tools.json")
        equal((code, errors), (0, ""))
        contains(out, "allowed\n")
        contains(out, "`echo` at policy.cedar:2:1")
        contains(out, 'principal  Demo::User::"idp#ann"')


def forbidden():
    """a forbidden call names the forbid, and the bytes that a client would get"""
    with Place() as place:
        finding = place.decide(call("echo", text="a secret"), "--tools", "tools.json")
        equal(finding["reason"], "policy_forbidden")
        equal([(p["id"], p["effect"], p["line"]) for p in finding["policies"]],
              [("no-secrets", "forbid", 8)])
        equal(json.loads(finding["denial"]["body"])["error"],
              {"code": -32602, "message": "Unknown tool: echo"})
        code, out, _ = place.authorize(call("echo", text="a secret"), "--tools", "tools.json")
        equal(code, 2)
        contains(out, "denied: a policy forbids it [policy_forbidden]\n")
        contains(out, "forbid     `no-secrets` at policy.cedar:8:1")


def failing():
    """a policy that cannot be evaluated is named with its place, and denies when it forbids"""
    with Place() as place:
        finding = place.decide(call("echo"), "--tools", "tools.json")
        equal(finding["reason"], "policy_error")
        failed = finding["policy_errors"]
        equal([(p["id"], p["code"], p["line"]) for p in failed],
              [("no-secrets", "eval_attribute_missing", 8)])
        lacks(failed[0]["sentence"], "\n")
        code, out, _ = place.authorize(call("echo"), "--tools", "tools.json")
        equal(code, 2)
        contains(out, "failed     ")


def reasons():
    """what is denied before the policies says why, and asks nothing of them"""
    cases = [
        ("no list of tools", call("echo", text="hi"), [], "tool_unknown"),
        ("a tool not in the list", call("rm"), ["--tools", "tools.json"], "tool_unknown"),
        ("a tool that cannot be judged", call("odd"), ["--tools", "tools.json"],
         "tool_schema_invalid"),
        ("an argument of another type", call("echo", text=1), ["--tools", "tools.json"],
         "argument_type"),
        ("a method nobody knows", {"jsonrpc": "2.0", "id": 1, "method": "x/y"}, [],
         "method_unknown"),
        ("the wrong direction", {"jsonrpc": "2.0", "id": 1, "method": "roots/list"}, [],
         "method_wrong_direction"),
        ("an answer to nothing", {"jsonrpc": "2.0", "id": 1, "result": {}}, [],
         "response_unexpected"),
        ("no JSON", "{", [], "json_syntax"),
        ("a member twice", '{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}', [],
         "duplicate_member"),
        ("an anonymous caller", call("echo"), ["--caller", '{"kind":"anonymous"}'],
         "anonymous_not_enabled"),
        ("nothing", "", [], "json_syntax"),
    ]
    with Place() as place:
        for name, message, arguments, reason in cases:
            finding = place.decide(message, *arguments)
            if (finding["reason"], finding["request"]) != (reason, None):
                raise AssertionError(f"{name}: {finding}")


def other_questions():
    """resources, prompts and what a server asks are decided too"""
    with Place() as place:
        read = {"jsonrpc": "2.0", "id": 1, "method": "resources/read",
                "params": {"uri": "file:///srv/a"}}
        equal(place.decide(read)["request"]["resource"], 'Demo::Resource::"file:///srv/a"')
        roots = {"jsonrpc": "2.0", "id": 1, "method": "roots/list"}
        equal(place.decide(roots, "--from-server", "--peer", "127.0.0.1")["reason"],
              "policy_error")  # the forbid reads an input that is not there
        equal(place.decide({"jsonrpc": "2.0", "id": 1, "method": "ping"})["request"], None)


def places():
    """caller, tenant, server and approval are taken from the command line and configuration"""
    with Place() as place:
        bo = json.dumps({"kind": "agent", "issuer": "idp", "subject": "bo"})
        (place.path / "bo.json").write_text(bo)
        for given in (bo, "@bo.json"):
            finding = place.decide(call("echo", text="hi"), "--tools", "tools.json",
                                   "--caller", given)
            equal(finding["request"]["principal"], 'Demo::Agent::"idp#bo"')
        finding = place.decide(call("echo", text="hi"), "--tools", "tools.json",
                               "--tenant", "acme")
        equal(finding["reason"], "policy_denied")
        finding = place.decide(call("deploy", text="hi"), "--tools", "tools.json")
        equal(finding["reason"], "approval_required")
        equal(finding["pending"], ["idp#ann calls deploy on demo"])


def over_http():
    """header fields that do not agree with the body are refused"""
    with Place() as place:
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {}}
        message = call("echo", text="hi")
        message["params"]["_meta"] = meta
        fields = ["--http-header", "MCP-Protocol-Version: 2026-07-28", "--http-header",
                  "Mcp-Method: tools/call", "--http-header", "Content-Type: application/json",
                  "--http-header", "Accept: application/json, text/event-stream"]
        good = place.decide(message, "--tools", "tools.json", *fields,
                            "--http-header", "Mcp-Name: echo")
        equal((good["allowed"], good["reason"]), (True, "none"))
        bad = place.decide(message, "--tools", "tools.json", *fields,
                           "--http-header", "Mcp-Name: deploy")
        equal((bad["reason"], bad["denial"]["http_status"]), ("header_mismatch", 400))


def no_records():
    """deciding for people leaves no record"""
    with Place() as place:
        place.decide(call("echo", text="hi"), "--tools", "tools.json")
        place.run("check")
        equal((place.path / "records.jsonl").exists(), False)


def bad_inputs():
    """what cannot be used gives one line and exit code 1"""
    with Place() as place:
        cases = [
            (["authorize", "none.json"], "[file_unreadable]"),
            (["authorize", "--tools", "none.json", "-"], "[file_unreadable]"),
            (["authorize", "--server", "x", "-"], "there is no server `x`"),
            (["authorize", "--tenant", "x", "-"], "[tenant_unknown]"),
            (["authorize", "--caller", "{", "-"], "[caller_invalid]"),
            (["authorize", "--caller", "@none", "-"], "[file_unreadable]"),
            (["authorize", "--http-header", "nonsense", "-"], "`Name: value`"),
            (["authorize", "--time", "noon", "-"], "2026-11-20T10:00:00Z"),
            (["authorize"], "message is required"),
            (["check", "--config", "none.yaml"], "[file_unreadable]"),
            (["check", "--policies", "none.cedar"], "[file_unreadable]"),
            (["check", "--tools", "policy.cedar"], "[tool_list_invalid]"),
            (["check", "--policies", "policy.cedar", "--tools", "tools.json"], "excludes"),
            (["run"], "command is required"),
            (["run", "--tools-timeout", "-1", "--", "x"], "not in range"),
            (["frobnicate"], "--help"),
            ([], "--help"),
        ]
        for arguments, part in cases:
            code, out, errors = place.run(*arguments)
            try:
                equal(code, 1)
                one_line(errors.splitlines(keepends=True)[-1], part)  # after warnings
                if arguments[:2] != ["check", "--tools"]:
                    equal(out, "")
            except AssertionError as problem:
                raise AssertionError(f"{arguments}: {problem}") from problem


def check_good():
    """a configuration that can be used is summed up, with its warnings"""
    guarded = (POLICY.replace("context.input.text", "context has input.text && context.input.text")
               .replace("context.session.", "context.session has source_ip && context.session."))
    with Place(policy=guarded) as place:
        code, out, errors = place.run("check", "--tools", "tools.json")
        equal(code, 0)
        contains(out, "mcpgov.yaml: 2 servers, 1 warning, digest ")
        contains(out, "tools.json: 3 tools")
        contains(errors, "mcpgov: warning: server `demo` of tenant `acme` has no policies")
        contains(errors, "mcpgov: warning: tools.json: calls to `odd` are denied: ")


def check_positions():
    """an error shows file, line and column, whichever file it is in"""
    cases = [
        ("an unknown key", CONFIG.replace("denials:", "denails:"), POLICY,
         "mcpgov.yaml:6:14: ", "[config_unknown_key]"),
        ("a key twice", CONFIG + "version: 1\n", POLICY, "mcpgov.yaml:11:1: ",
         "[config_duplicate_key]"),
        ("no YAML", "version: [1\n", POLICY, "mcpgov.yaml:", "[config_syntax]"),
        ("a policy that is none", CONFIG, POLICY + "permit (principal, action);\n",
         "policy.cedar:14:26: ", "[policy_syntax]"),
        ("an unknown function", CONFIG,
         "permit (principal, action, resource)\nwhen { shout(1) };\n",
         "policy.cedar:2:8: ", "[policy_unknown_function]"),
        ("records that go nowhere", CONFIG.replace("audit: {file: records.jsonl}", ""), POLICY,
         "mcpgov.yaml: ", "[config_missing_key]"),
    ]
    for name, config, policy, place_of, code_of in cases:
        with Place(config, policy) as place:
            code, out, errors = place.run("check")
            try:
                equal((code, out), (1, ""))
                one_line(errors, place_of, code_of)
            except AssertionError as problem:
                raise AssertionError(f"{name}: {problem}") from problem


def check_policies():
    """policy files are checked one by one, and each that is wrong is named"""
    with Place() as place:
        (place.path / "bad.cedar").write_text("permit")
        (place.path / "worse.cedar").write_text('permit (principal, action, resource) when {"')
        code, out, errors = place.run("check", "--policies", "policy.cedar", "bad.cedar",
                                      "worse.cedar")
        equal((code, out), (1, "policy.cedar: 4 policies\n"))
        equal(errors.count("\n"), 2)
        contains(errors, "mcpgov: bad.cedar:1:")
        contains(errors, "mcpgov: worse.cedar:1:")


SCHEMA = """entity User in [Group] {name: String, boss: User};
entity Group;
entity Doc;
action read appliesTo {principal: User, resource: Doc};
"""


def check_schema():
    """policies, templates and links that do not fit a schema are told with their place"""
    good = "permit(principal, action, resource) when { principal.name == \"a\" };\n"
    template = "permit(principal in ?principal, action, resource)\nwhen { principal.%s };\n"
    link = {"templates": {"t": {"effect": "permit", "principal": {"op": "in", "slot": "?principal"},
                                "action": {"op": "All"}, "resource": {"op": "All"},
                                "conditions": []}},
            "staticPolicies": {},
            "templateLinks": [{"templateId": "t", "newId": "l", "values": {
                "?principal": {"type": "Group", "id": "g"}}}]}
    union = "permit(principal, action, resource) when { [principal, resource].isEmpty() };"
    apply = "permit(principal == Group::\"g\", action, resource);"
    bad = json.loads(json.dumps(link).replace("Group", "Nobody"))
    cases = [
        (good, [], 0, ""),
        (template % "boss.name == \"a\"", [], 0, ""),
        (template % "nam == \"a\"", [], 1,
         ":2:8: error: policy `p.cedar#policy0`: attribute `nam`"),
        (good + template % "nam == \"a\"", [], 1, ":3:8: error"),
        (json.dumps(link), [], 0, ""),
        (json.dumps(bad), [], 1, "policy `l`: unrecognized entity type `Nobody`"),
        (union, [], 1, "[IncompatibleTypes]"),
        (union, ["--permissive"], 0, ""),
        (good, ["--level", "1"], 0, ""),
        (good, ["--level", "0"], 1, ":1:44: error"),
        (apply, [], 1, "error: policy `p.cedar#policy0`: no action applies"),
        (apply, ["--compat", "4.13"], 0, "warning: policy `p.cedar#policy0`: no action applies"),
    ]
    for text, options, code, part in cases:
        with Place() as place:
            (place.path / "p.cedar").write_text(text)
            (place.path / "s.cedarschema").write_text(SCHEMA)
            got, _, errors = place.run("check", "--policies", "p.cedar", "--schema",
                                       "s.cedarschema", *options)
            try:
                equal(got, code)
                contains(errors, part)
                if not part:
                    equal(errors, "")
            except AssertionError as problem:
                raise AssertionError(f"{text} {options}: {problem} {errors}") from problem


def check_schema_errors():
    """a schema that cannot be read ends the check, and its options need it"""
    with Place() as place:
        (place.path / "s.cedarschema").write_text("entity A in B;")
        code, _, errors = place.run("check", "--policies", "policy.cedar", "--schema",
                                    "s.cedarschema")
        equal(code, 1)
        contains(errors, "s.cedarschema:1:13: `B` is not declared")
        for options in (["--permissive"], ["--level", "1"], ["--compat", "4.13"]):
            code, _, errors = place.run("check", "--policies", "policy.cedar", *options)
            equal(code, 1)
            contains(errors, f"{options[0]} requires --schema")


def check_schema_warnings():
    """what a schema declares and may surprise is a warning with its place"""
    with Place() as place:
        (place.path / "p.cedar").write_text("permit (principal, action, resource);")
        (place.path / "s.cedarschema").write_text(
            "entity U;\ntype decimal = String;\n"
            "action a appliesTo { principal: U, resource: U };\n")
        code, _, errors = place.run("check", "--policies", "p.cedar", "--schema",
                                    "s.cedarschema")
        equal(code, 0)
        contains(errors, "mcpgov: s.cedarschema:2:6: warning: `decimal` hides what is built in")


def check_lints():
    """texts that look like something else are warnings, of a configuration and of policy files"""
    policy = POLICY.replace("*secret*", "*s\u0435cret*")
    with Place(policy=policy) as place:
        code, _, errors = place.run("check", "--policies", "policy.cedar")
        equal(code, 0)
        contains(errors, "policy.cedar:9:8: warning: policy `no-secrets`: the string ")
        contains(errors, "[MixedScriptString]")
        code, _, errors = place.run("check")
        equal(code, 0)
        contains(errors, "[MixedScriptString]")


def terminal_safe():
    """an error that quotes a file name keeps it on one line"""
    with Place() as place:
        code, _, errors = place.run("authorize", "a\nb\x1b[31m.json")
        equal(code, 1)
        one_line(errors, "\\x0a", "\\x1b")


def help_and_version():
    """--help and --version go to standard output with exit code 0"""
    version = (ROOT / "VERSION").read_text().strip()
    with Place() as place:
        equal(place.run("--version"), (0, f"mcpgov {version}\n", ""))
        for arguments in (["--help"], ["run", "--help"], ["authorize", "--help"],
                          ["check", "--help"]):
            code, out, errors = place.run(*arguments)
            equal((code, errors), (0, ""))
            contains(out, "Usage: mcpgov")


TESTS = [allowed, forbidden, failing, reasons, other_questions, places, over_http, no_records,
         bad_inputs, check_good, check_positions, check_policies, check_schema,
         check_schema_errors, check_schema_warnings, check_lints,
         terminal_safe, help_and_version]

if __name__ == "__main__":
    sys.exit(run_all(TESTS))
