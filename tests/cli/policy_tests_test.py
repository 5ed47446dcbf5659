"""`mcpgov test`: report, JUnit, coverage, filter, exit codes.

usage: policy_tests_test.py PATH-OF-MCPGOV

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from checks import contains, equal, lacks, run_all

MCPGOV = pathlib.Path(sys.argv[1]).resolve()

POLICY = """@id("reads")
permit (principal, action == Demo::Action::"read", resource);
@id("no-secrets")
forbid (principal, action, resource) when { context.input.path like "*secret*" };
@id("broken")
forbid (principal, action == Demo::Action::"fail", resource) when { context.input.path + 1 == 2 };
"""

CONFIG = """version: 1
servers: {demo: {namespace: Demo, policies: [policy.cedar], unknown_tools: natural}}
identity: {stdio: {kind: user, issuer: idp, subject: ann}}
audit: {file: records.jsonl}
"""

GOVERNED = """version: 1
config: mcpgov.yaml
cases:
  - {name: reading, call: read, arguments: {path: /a}, expect: allow, reasons: [reads]}
  - name: a secret
    call: read
    arguments: {path: /secret}
    expect: deny
    reasons: [no-secrets]
    code: policy_forbidden
"""

PLAIN = """version: 1
policies: [plain.cedar]
cases:
  - name: by number
    principal: User::"ann"
    action: Action::"read"
    resource: Doc::"a"
    context: {n: 9223372036854775807}
    expect: allow
    reasons: ["plain.cedar#policy0"]
    failing: ["plain.cedar#policy1"]
"""

PLAIN_POLICY = """permit (principal, action, resource) when { context.n > 1 };
permit (principal, action, resource) when { context.n + 1 > 1 };
"""


def run(folder, *arguments):
    return subprocess.run([MCPGOV, "test", *map(str, arguments)], cwd=folder, text=True,
                          capture_output=True, timeout=60, check=False)


class Place:
    """A folder with a configuration, policies and cases."""

    def __init__(self, **files):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        for name, text in {"mcpgov.yaml": CONFIG, "policy.cedar": POLICY, "plain.cedar": PLAIN_POLICY,
                           "governed.test.yaml": GOVERNED, **files}.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def test(self, *arguments):
        return run(self.path, *arguments)


def as_written():
    """Cases that come out as written are a line each, and the exit code is 0."""
    result = Place().test(".")
    equal((result.returncode, result.stderr), (0, ""))
    contains(result.stdout, "  ok      reading\n  ok      a secret\n2 passed, 0 failed\n")


def plain():
    """Policies alone are asked by Cedar requests, with exact integers."""
    place = Place(**{"deep/plain.test.yaml": PLAIN.replace("[plain.cedar]", "[../plain.cedar]")
                     .replace("plain.cedar#", "../plain.cedar#")})
    result = place.test("deep")
    equal((result.returncode, result.stdout.splitlines()[-1]), (0, "1 passed, 0 failed"))


def unexpected():
    """What comes otherwise is told: what was expected, what came and why; the exit code is 2."""
    changes = {
        ("expect: allow", "expect: deny"): "expected: deny; came: allow",
        ("[reads]", "[]"): "expected reasons: none; came: `reads`",
        ("[reads]", "[reads, others]"): "expected reasons: `reads`, `others`; came: `reads`",
        ("policy_forbidden", "policy_denied"): "expected the code policy_denied; came: "
                                               "policy_forbidden",
        ("path: /secret", "path: /open"): "expected: deny; came: allow",
        ("[no-secrets]", "[no-secrets]\n    failing: [x]"): "expected failing: `x`; came: none",
        ("path: /a", "path: 1"): "failed: ",
    }
    for (old, new), expected in changes.items():
        result = Place(**{"governed.test.yaml": GOVERNED.replace(old, new, 1)}).test(".")
        equal(result.returncode, 2)
        contains(result.stdout, "1 passed, 1 failed\n")
        contains(result.stdout, "  FAILED  ")
        contains(result.stdout, expected)
        contains(result.stdout, "action     Demo::Action::\"read\"")


def quiet():
    """--quiet prints only what failed."""
    place = Place()
    equal(place.test("--quiet", ".").stdout, "2 passed, 0 failed\n")
    place = Place(**{"governed.test.yaml": GOVERNED.replace("[reads]", "[]")})
    result = place.test("-q", ".")
    contains(result.stdout, "FAILED  reading (line 4)")
    lacks(result.stdout, "a secret")


def coverage():
    """Coverage names the policies that decided no case, and a minimum is enforced."""
    place = Place()
    result = place.test("--coverage", ".")
    equal(result.returncode, 0)
    contains(result.stdout, "coverage: 2 of 3 policies decided a case (66.7 %)")
    contains(result.stdout, "policy.cedar:6:1: forbid `broken`")
    equal(place.test("--min-coverage", "66", ".").returncode, 0)
    equal(place.test("--min-coverage", "67", ".").returncode, 2)
    # Two files that test one policy file count it once.
    (place.path / "more.test.yaml").write_text(GOVERNED)
    contains(place.test("--coverage", ".").stdout, "coverage: 2 of 3 policies")


def only_some():
    """--filter runs the cases whose file and name contain it, and none at all is an error."""
    place = Place()
    result = place.test("--filter", "secret", ".")
    equal((result.returncode, result.stdout.splitlines()[-1]), (0, "1 passed, 0 failed"))
    result = place.test("--filter", "nothing like it", ".")
    equal((result.returncode, result.stderr), (1, "mcpgov: no case was run; `nothing like it` is in "
                                                  "none\n"))


def junit():
    """The JUnit report counts, places and escapes."""
    place = Place(**{"governed.test.yaml":
                     GOVERNED.replace("name: a secret", "name: '<a> & \"secret\"'")
                     .replace("[no-secrets]", "[]"),
                     "broken.test.yaml": "version: 1\n"})
    equal(place.test("--junit", "report.xml", ".").returncode, 1)
    root = ElementTree.parse(place.path / "report.xml").getroot()
    equal((root.get("tests"), root.get("failures"), root.get("errors")), ("3", "1", "1"))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failure = cases["<a> & \"secret\""].find("failure")
    contains(failure.get("message"), "expected reasons: none")
    equal(cases["<a> & \"secret\""].get("line"), "5")
    equal(cases["reading"].find("failure"), None)
    contains(cases["the file can be used"].find("error").get("message"), "config_")


def unusable():
    """A file that cannot be used is an error of one line, and hides no other file."""
    for name, text, expected in (
            ("bad.test.yaml", "version: 1\nconfig: mcpgov.yaml\n", "bad.test.yaml:1:1: "),
            ("bad.test.yaml", GOVERNED.replace("mcpgov.yaml", "none.yaml"), "none.yaml"),
            ("bad.test.json", "{\"version\": 1, \"x\": 2}", "bad.test.json:1:"),
            ("bad.test.yaml", GOVERNED.replace("version: 1", "version: 1\nserver: other"),
             "there is no server `other`"),
            ("bad.test.yaml", PLAIN.replace("plain.cedar", "none.cedar"), "none.cedar"),
            ("bad.test.yaml", PLAIN + "    schema: x\n", "unknown key")):
        result = Place(**{name: text}).test(".")
        equal(result.returncode, 1)
        equal(result.stderr.count("\n"), 1)
        contains(result.stderr, expected)
        contains(result.stdout, "2 passed, 0 failed")
    schema = PLAIN.replace("cases:", "schema: s.cedarschema\ncases:")
    broken = Place(**{"plain.test.yaml": schema, "s.cedarschema": "entity User, Doc; action read "
                      "appliesTo {principal: User, resource: Doc, context: {n: String}};"})
    result = broken.test("plain.test.yaml")
    equal(result.returncode, 1)
    contains(result.stderr, "plain.cedar:1:")
    contains(result.stderr, "by the schema, policy `plain.cedar#policy0`: ")
    valid = Place(**{"plain.test.yaml": schema, "s.cedarschema": "entity User, Doc; action read "
                     "appliesTo {principal: User, resource: Doc, context: {n: Long}};"})
    equal(valid.test("plain.test.yaml").returncode, 0)
    broken = Place(**{"plain.cedar": "permit(", "plain.test.yaml": PLAIN}).test("plain.test.yaml")
    equal(broken.returncode, 1)
    contains(broken.stderr, "plain.cedar:1:8: ")


def unaskable():
    """A case that is no question fails, and says why."""
    result = Place(**{"governed.test.yaml": GOVERNED.replace(
        "call: read, arguments: {path: /a}", "message: '[]'")}).test(".")
    equal(result.returncode, 2)
    result = Place(**{"plain.test.yaml": PLAIN.replace("n: 9", "n: 1.5, m: 9")}).test(
        "plain.test.yaml")
    equal(result.returncode, 2)
    contains(result.stdout, "cannot be asked: ")


def nothing():
    """A folder without cases, or no folder, is an error: a CI job must not pass on nothing."""
    place = Place()
    (place.path / "empty").mkdir()
    for path in ("empty", "missing"):
        result = place.test(path)
        equal((result.returncode, result.stderr.count("\n")), (1, 1))


if __name__ == "__main__":
    sys.exit(run_all([as_written, plain, unexpected, quiet, coverage, only_some, junit, unusable,
                      unaskable, nothing]))
