"""`mcpgov who-can` and `mcpgov can`: what is certain, what it depends on, and what is refused.

usage: open_questions_test.py PATH-OF-MCPGOV

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
DATABASE = str(ROOT / "policies" / "analyst-engineer" / "mcpgov.yaml")
EVERYTHING = ROOT / "examples" / "demo" / "policy" / "everything.cedar"

SCHEMA = """entity Group;
entity User in [Group] { level: Long };
entity Robot;
entity Doc { owner: User, draft?: Bool };
action read, write appliesTo { principal: [User, Robot], resource: Doc, context: { mfa: Bool } };
"""

POLICIES = """@id("owners")
permit (principal, action, resource) when { resource.owner == principal };
@id("robots")
permit (principal is Robot, action == Action::"read", resource);
@id("no-mfa")
forbid (principal, action == Action::"write", resource) unless { context.mfa };
@id("broken")
permit (principal == User::"eve", action, resource) when { 1 + "a" == 2 };
"""

ENTITIES = [
    {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 1}, "parents": []},
    {"uid": {"type": "Doc", "id": "plan"},
     "attrs": {"owner": {"__entity": {"type": "User", "id": "ann"}}}, "parents": []},
]


def run(*arguments, where=ROOT):
    done = subprocess.run([MCPGOV, *arguments], cwd=where, text=True, capture_output=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def asked(*arguments, where=ROOT):
    code, out, errors = run(*arguments, "--json", where=where)
    equal(errors, "")
    equal(code, 0)
    return json.loads(out)


def says(answer, key, name):
    return {entry[name]: entry["decision"] for entry in answer[key] if name in entry}


class Plain:
    """A folder with plain Cedar files."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name)
        (path / "p.cedar").write_text(POLICIES)
        (path / "s.cedarschema").write_text(SCHEMA)
        (path / "e.json").write_text(json.dumps(ENTITIES))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def ask(self, *arguments, verb="can"):
        return asked(verb, "--policies", "p.cedar", "--entities", "e.json", *arguments,
                     where=self.folder.name)

    def fails(self, *arguments):
        return run("can", "--policies", "p.cedar", *arguments, where=self.folder.name)


def conditions(answer):
    return {policy["id"]: policy["condition"] for policy in answer["policies"]}


def test_who_can_call_a_tool():
    """Each named caller has an answer, and so has anyone of each type, with what it depends on."""
    answer = asked("who-can", "-c", DATABASE, "execute_query")
    found = says(answer, "callers", "caller")
    equal(found['who is only in Mcp::Role::"https://login.example.com#analyst"'], "denied")
    equal(found['who is only in Mcp::Role::"https://login.example.com#engineer"'], "depends")
    equal(found["any Mcp::User"], "depends")
    equal(found["any Mcp::Anonymous"], "denied")
    anyone = [each for each in answer["callers"] if each["caller"] == "any Mcp::User"][0]
    equal(conditions(anyone), {
        "engineer-queries": 'principal in Mcp::Role::"https://login.example.com#engineer"',
        "nobody-destroys": "context.input has destructive && context.input.destructive"})
    equal(anyone["policies"][0]["line"], 19)


KINDS = """@id("agents")
permit (principal is Mcp::Agent in Mcp::Role::"https://login.example.com#engineer",
        action == Mcp::Action::"list_tables", resource);
@id("levels")
permit (principal in Mcp::Role::"https://login.example.com#engineer",
        action == Mcp::Action::"read_schema", resource)
when { principal.level > 3 || principal == Mcp::User::"anyone" };
@id("no-robots")
forbid (principal is Mcp::Workload, action == Mcp::Action::"read_schema", resource);
"""


def test_members_of_a_role_may_be_of_any_kind():
    """A permit for agents of a role is no denial to its members; what is left names the kind."""
    engineer = 'who is only in Mcp::Role::"https://login.example.com#engineer"'
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        config = pathlib.Path(DATABASE).read_text()
        (path / "policy.cedar").write_text(KINDS)
        (path / "mcpgov.yaml").write_text(config)
        (path / "tools.json").write_text(
            pathlib.Path(DATABASE).with_name("tools.json").read_text())
        listed = asked("who-can", "list_tables", where=folder)
        equal(says(listed, "callers", "caller")[engineer], "depends")
        member = [each for each in listed["callers"] if each["caller"] == engineer][0]
        equal(conditions(member), {"agents": "principal is Mcp::Agent"})
        equal(member["policies"][0]["outcomes"], ["satisfied", "unmatched"])
        equal(member["policies"][0]["policy"]["principal"],
              {"op": "is", "entity_type": "Mcp::Agent"})
        read = asked("who-can", "read_schema", where=folder)
        member = [each for each in read["callers"] if each["caller"] == engineer][0]
        # Who is asked about is not the user `anyone` of the policy, and is no name in the answer.
        equal(conditions(member), {"levels": "principal.level > 3",
                                   "no-robots": "principal is Mcp::Workload"})
        equal(says(asked("who-can", "execute_query", where=folder), "callers", "caller")[engineer],
              "denied")


def test_arguments_settle_what_depends_on_them():
    """With arguments the answer is that of the call."""
    engineer = 'who is only in Mcp::Role::"https://login.example.com#engineer"'
    for arguments, expected in (('{"sql": "select 1", "destructive": true}', "denied"),
                                ('{"sql": "select 1", "destructive": false}', "allowed"),
                                ('{"sql": "select 1"}', "allowed")):
        answer = asked("who-can", "-c", DATABASE, "execute_query", "--arguments", arguments)
        equal(says(answer, "callers", "caller")[engineer], expected)


def test_a_tool_that_is_not_listed_is_nobodys():
    """A tool that no list has is denied to everyone."""
    code, out, errors = run("who-can", "-c", DATABASE, "drop_table")
    equal(code, 0)
    contains(out, "denied   everyone")
    contains(out, "[tool_unknown]")
    contains(errors, "--tools")


def test_arguments_outside_of_the_schema_are_refused():
    """Arguments that the governor would refuse are refused here."""
    code, out, _ = run("who-can", "-c", DATABASE, "execute_query", "--arguments", '{"sql": 1}')
    equal(code, 0)
    contains(out, "[argument_type]")
    code, _, errors = run("who-can", "-c", DATABASE, "execute_query", "--arguments", "[]")
    equal(code, 1)
    contains(errors, "no JSON object")
    code, _, errors = run("who-can", "-c", DATABASE)
    equal(code, 1)
    contains(errors, "name the tool")


def test_what_a_caller_can():
    """Every tool has an answer for a caller, by issuer and not by name alone."""
    answer = asked("can", "-c", DATABASE, "--issuer", "https://login.example.com",
                   "--subject", "bob", "--role", "engineer")
    equal(says(answer, "uses", "name"),
          {"read_schema": "allowed", "list_tables": "allowed", "execute_query": "depends"})
    equal([each["decision"] for each in answer["uses"] if each["kind"] != "tool"],
          ["denied", "denied"])
    nobody = asked("can", "-c", DATABASE, "--issuer", "https://elsewhere.example.com",
                   "--subject", "bob", "--role", "engineer")
    equal(set(says(nobody, "uses", "name").values()), {"denied"})
    anonymous = asked("can", "-c", DATABASE, "--kind", "anonymous")
    equal(set(says(anonymous, "uses", "name").values()), {"denied"})


def test_a_caller_that_is_none():
    """An incomplete caller is an error."""
    for arguments, expected in ((["--issuer", "idp"], "caller_invalid"),
                                (["--issuer", "idp", "--subject", "a", "--claim", "x"],
                                 "caller_invalid"),
                                (["--issuer", "idp", "--subject", "a", "--kind", "king"],
                                 "caller_invalid"),
                                (["--role", "engineer"], "caller_invalid"),
                                (["--caller", "{}", "--subject", "a"], "excludes"),
                                (["--group", "staff"], "caller_invalid"),
                                (["--claim", "a=1"], "caller_invalid"),
                                (["--kind", "agent"], "caller_invalid"),
                                (["--kind", "user"], "caller_invalid")):
        code, out, errors = run("can", "-c", DATABASE, *arguments)
        equal(code, 1)
        equal(out, "")
        contains(errors, expected)


def test_the_demo_answers_with_open_resources():
    """What is left of a policy is readable Cedar."""
    code, out, errors = run("can", "--policies", str(EVERYTHING), "--principal",
                            "Everything::User", "--action", 'Everything::Action::"read_resource"')
    equal(errors, "")
    equal(code, 0)
    contains(out, 'permit `documents` at ')
    contains(out, 'when principal in Everything::Role::"https://login.example.com#operator" && '
                  'resource has scheme && resource.scheme == "demo" && '
                  'resource.path like "/static/*"')


def test_plain_files_with_everything_known():
    """A question without open parts has a certain answer."""
    with Plain() as plain:
        known = ["--principal", 'User::"ann"', "--action", 'Action::"read"', "--resource",
                 'Doc::"plan"', "--context", '{"mfa": false}']
        equal(plain.ask(*known)["decision"], "allowed")
        equal(plain.ask(*known, "--schema", "s.cedarschema")["decision"], "allowed")
        known[3] = 'Action::"write"'
        equal(plain.ask(*known)["decision"], "denied")


def test_plain_files_with_open_parts():
    """A part that certainly fails stays visible behind what is open."""
    with Plain() as plain:
        answer = plain.ask("--action", 'Action::"write"', "--resource", 'Doc::"plan"',
                           verb="who-can")
        equal(answer["decision"], "depends")
        equal(conditions(answer), {"owners": 'User::"ann" == principal',
                                   "no-mfa": "!context.mfa",
                                   "broken": 'principal == User::"eve" && 1 + "a"'})
        equal([each["outcomes"] for each in answer["policies"]],
              [["satisfied", "unmatched"], ["satisfied", "unmatched", "failed"],
               ["unmatched", "failed"]])


def test_a_schema_settles_more():
    """Types rule out what no admitted request can be."""
    with Plain() as plain:
        open_robot = ["--principal", "Robot", "--resource", "Doc"]
        answer = plain.ask(*open_robot, "--action", 'Action::"read"')
        equal(answer["decision"], "allowed")
        equal(conditions(answer), {"owners": "resource.owner == principal", "robots": "true"})
        typed = plain.ask(*open_robot, "--action", 'Action::"write"', "--schema", "s.cedarschema")
        equal(typed["decision"], "denied")
        # The owner is a User: what is left of the comparison is whether the document exists.
        equal([each["outcomes"] for each in typed["policies"] if each["id"] == "owners"],
              [["unmatched", "failed"]])
        # `mfa` is required and a truth: it cannot fail.
        equal([each["outcomes"] for each in typed["policies"] if each["id"] == "no-mfa"],
              [["satisfied", "unmatched"]])


def test_a_schema_admits_the_question_or_refuses_it():
    """What the schema does not admit has no answer, as in `mcpgov test`."""
    with Plain() as plain:
        for arguments, expected in (
                (["--principal", 'Ghost::"x"'], "[request_type_undeclared]"),
                (["--principal", "Ghost"], "[request_type_undeclared]"),
                (["--action", 'Action::"read"', "--resource", 'User::"ann"'],
                 "[request_not_applicable]"),
                (["--action", 'Action::"reed"'], "[request_action_undeclared]"),
                (["--action", 'Action::"read"', "--principal", "Doc"],
                 "[request_not_applicable]"),
                (["--action", 'Action::"read"', "--context", '{"mfa": 1}'],
                 "[entities_schema]")):
            equal(plain.fails(*arguments)[0], 0)
            code, out, errors = plain.fails(*arguments, "--schema", "s.cedarschema")
            equal(out, "")
            equal(code, 1)
            contains(errors, expected)


def test_a_schema_is_known_by_what_it_says_and_not_by_its_name():
    """JSON begins with a brace, whatever the file is called."""
    with Plain() as plain:
        folder = pathlib.Path(plain.folder.name)
        code, out, _ = run("schema", "--translate", "s.cedarschema", where=folder)
        equal(code, 0)
        (folder / "json.cedarschema").write_text(out)
        (folder / "cedar.json").write_text(SCHEMA)
        for name in ("json.cedarschema", "cedar.json"):
            typed = plain.ask("--principal", "Robot", "--resource", "Doc",
                              "--action", 'Action::"write"', "--schema", name)
            equal(typed["decision"], "denied")


def test_plain_questions_that_are_none():
    """Bad input is one line with its code."""
    with Plain() as plain:
        for arguments, expected in ((["--action", "Action"], "[config_value]"),
                                    (["--principal", '1 + 1'], "[config_value]"),
                                    (["--principal", 'User::"'], "[config_value]"),
                                    (["--context", "[]"], "[context_not_a_record]"),
                                    (["--entities", "none.json"], "[file_unreadable]"),
                                    (["--schema", "p.cedar"], "[schema_syntax]")):
            code, out, errors = plain.fails(*arguments)
            equal(code, 1)
            equal(out, "")
            contains(errors, expected)
            lacks(errors, "Traceback")
    with Plain() as plain:
        for verb, given in (("can", ["--config", DATABASE]), ("can", ["--server", "database"]),
                            ("can", ["--tenant", "a"]), ("can", ["--tools", "t.json"]),
                            ("can", ["--caller", "{}"]), ("can", ["--subject", "bob"]),
                            ("can", ["--issuer", "idp"]), ("can", ["--kind", "user"]),
                            ("can", ["--group", "g"]), ("can", ["--role", "r"]),
                            ("can", ["--claim", "a=1"]), ("who-can", ["--config", DATABASE]),
                            ("who-can", ["--server", "database"]), ("who-can", ["--tenant", "a"]),
                            ("who-can", ["--tools", "t.json"]), ("who-can", ["--arguments", "{}"])):
            code, out, errors = run(verb, *given, "--policies", "p.cedar",
                                    where=plain.folder.name)
            equal((code, out), (1, ""))
            contains(errors, "excludes")
        code, out, errors = run("who-can", "query", "--policies", "p.cedar",
                                where=plain.folder.name)
        equal((code, out), (1, ""))
        contains(errors, "excludes")
    code, _, errors = run("can", "--principal", "User")
    equal(code, 1)
    contains(errors, "--policies")


TESTS = [each for name, each in list(globals().items()) if name.startswith("test_")]

if __name__ == "__main__":
    sys.exit(run_all(TESTS))
