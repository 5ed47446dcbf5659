"""Writes the language-neutral cases as tables of C, because C99 reads no JSON.

usage: make_cases.py OUTPUT CASES.json …

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import sys

DIRECTIONS = ("from_client", "from_server")
TRANSPORTS = ("stdio", "streamable_http", "http_sse")
KINDS = ("receive", "reply", "await_answer", "resume", "set_tools", "replace")
FORMATS = ("automatic", "json", "event_stream")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def text(value):
    """A text as it is, anything else as JSON without white space (README.md of the cases)."""
    return value if isinstance(value, str) else compact(value)


def literal(value):
    """A mcpgov_str of C. Octal escapes end after three digits, so nothing can run into them."""
    encoded = value.encode()
    body = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in encoded)
    return f'{{"{body}", {len(encoded)}}}'


def optional(member, expected):
    """An expectation that may be missing."""
    return f"{{1, {literal(text(expected[member]))}}}" if member in expected else "{0, {NULL, 0}}"


class Writer:
    """Names each table as it is needed; a table stands before what points at it."""

    def __init__(self):
        self.tables = []

    def table(self, kind, rows):
        if not rows:
            return "NULL, 0"
        name = f"table_{len(self.tables)}"
        lines = "".join(f"    {row},\n" for row in rows)
        self.tables.append(f"static const {kind} {name}[] = {{\n{lines}}};\n")
        return f"{name}, {len(rows)}"

    def texts(self, values):
        return self.table("mcpgov_str", [literal(text(v)) for v in values])

    def verdict(self, expected):
        headers = self.table("mcpgov_header", [f"{{{literal(n)}, {literal(v)}}}"
                                               for n, v in expected.get("headers", [])])
        return (f"{{{int(expected['allowed'])}, {literal(expected['reason'])}, "
                f"{expected.get('status', 0)}, {optional('denial', expected)}, "
                f"{int('headers' in expected)}, {headers}, "
                f"{int('policies' in expected)}, {self.texts(expected.get('policies', []))}, "
                f"{int('pending' in expected)}, {self.texts(expected.get('pending', []))}, "
                + ", ".join(optional(m, expected)
                            for m in ("method", "target", "id", "arguments", "bytes")) + "}")

    def step(self, step):
        verdicts = self.table("expected_verdict",
                              [self.verdict(v) for v in step.get("verdicts", [])])
        kind = next(k for k in KINDS if k in step)
        what = step[kind]
        given = {"kind": f"STEP_{kind.upper()}", "verdicts": verdicts}
        if kind == "receive":
            body, http = text(what["body"]), what.get("http", {})
            body += " " * (what.get("pad_body_to", 0) - len(body.encode()))
            headers = self.table("mcpgov_header", [f"{{{literal(n)}, {literal(v)}}}"
                                                   for n, v in http.get("headers", [])])
            given |= {"text": literal(body), "number": DIRECTIONS.index(what.get("direction",
                                                                               "from_client")),
                      "method": literal(http.get("method", "")),
                      "url": literal(http.get("url", "")),
                      "headers": headers, "peer": literal(what.get("peer", "")),
                      "caller": literal(text(what.get("caller", ""))),
                      "batch": int(step.get("batch", False))}
        elif kind == "reply":
            given |= {"index": what["verdict"], "number": FORMATS.index(what.get("format",
                                                                                "automatic")),
                      "feed": self.texts(what["feed"]), "text": literal(text(step["bytes"])),
                      "status": step["status"], "error": literal(step["reason"]),
                      "to_server": literal(step.get("to_server", ""))}
        elif kind == "resume":
            answers = [f"{{(uint32_t)sizeof(mcpgov_answer), {a['number']}, "
                       f"{int(a.get('granted', False))}, {literal(a.get('by', ''))}, "
                       f"{a.get('status', 0)}, {a.get('max_age', 0)}, "
                       f"{literal(text(a.get('body', '')))}}}" for a in what["answers"]]
            given |= {"index": what["verdict"], "answers": self.table("mcpgov_answer", answers)}
        elif kind == "await_answer":
            given |= {"index": what["verdict"]}
        else:
            given |= {"text": literal(text(what)), "error": literal(step["error"])}
        return self.members(given)

    @staticmethod
    def members(given):
        """Designated members; a table gives the pointer and, after it, the count."""
        parts = []
        for name, value in given.items():
            if name in ("verdicts", "headers", "feed", "answers"):
                pointer, count = value.split(", ")
                parts += [f".{name} = {pointer}", f".{name}_count = {count}"]
            else:
                parts.append(f".{name} = {value}")
        return "{" + ", ".join(parts) + "}"

    def case(self, file, configuration, one):
        session = one["session"]
        steps = self.table("case_step", [self.step(s) for s in one["steps"]])
        return (f"{{{literal(file + ': ' + one['name'])}, {literal(configuration)}, "
                f"{literal(session['server'])}, {literal(session.get('tenant', ''))}, "
                f"{literal(session.get('id', ''))}, "
                f"{TRANSPORTS.index(session.get('transport', 'stdio'))}, "
                f"{literal(text(session.get('caller', '')))}, {steps}, "
                f"{self.texts(one['outcomes'])}}}")


def main():
    output, *files = sys.argv[1:]
    writer = Writer()
    cases = []
    for file in sorted(files):
        path = pathlib.Path(file)
        content = json.loads(path.read_text())
        cases += [writer.case(path.name, content["configuration"], c) for c in content["cases"]]
    rows = "".join(f"    {c},\n" for c in cases)
    pathlib.Path(output).write_text("/* Written by make_cases.py. */\n" + "".join(writer.tables)
                                    + f"static const one_case all_cases[] = {{\n{rows}}};\n")


if __name__ == "__main__":
    main()
