"""One conversation of the demo: the official client, a server, and what was recorded of it.

SPDX-License-Identifier: Apache-2.0
"""

import json

import mcp_types as types
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

ISSUER = "https://login.example.com"


def caller(subject, *roles):
    """A caller as `mcpgov run --caller` takes it."""
    return json.dumps({"kind": "user", "issuer": ISSUER, "subject": subject, "roles": list(roles)})


class Records:
    """The file of records, read as it grows."""

    def __init__(self, path):
        self.path = path
        self.read = 0

    def fresh(self):
        """The records since the last call."""
        with open(self.path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        out = [json.loads(line) for line in lines[self.read:]]
        self.read = len(lines)
        return out


class Table:
    """What happened, and whether it is what was expected."""

    WIDTHS = (6, 58, 8, 8, 22, 20, 9)
    HEADS = ("caller", "message", "expected", "seen", "reason", "policies", "outcome")

    def __init__(self, folder):
        self.folder = f"{folder}/"  # left out where it is shown
        self.rows = 0
        self.wrong = 0

    def open(self, title):
        print(f"\n{title}\n")
        self.line(self.HEADS)
        self.line(["-" * width for width in self.WIDTHS])

    def line(self, cells):
        print("  ".join(str(cell).replace(self.folder, "")[:width].ljust(width)
                        for cell, width in zip(cells, self.WIDTHS)).rstrip())

    def row(self, who, message, expected, seen, record):
        """record: the decision about this very message, or None when there is none."""
        self.rows += 1
        recorded = record is not None and record["allowed"] == (expected != "denied")
        wrong = seen != expected or not recorded
        self.wrong += wrong
        record = record or {"reason": "NO RECORD"}
        self.line([who, message, expected, seen, record["reason"],
                   ",".join(policy.split("#")[-1] for policy in record.get("policies", [])),
                   record.get("outcome", "")])
        if wrong:
            print(f"  ^ expected {expected} and a record that says so: {record}")

    def fact(self, what, holds, seen=""):
        """Something that must hold beside the rows."""
        self.rows += 1
        self.wrong += not holds
        print(f"{'ok   ' if holds else 'WRONG'} {what}{': ' if seen else ''}{seen}")


class Conversation:
    """A client that asks, and tells the table what it got."""

    def __init__(self, client, who, table, records):
        self.client, self.who, self.table, self.records = client, who, table, records

    async def ask(self, expected, method, target, request, arguments=None):
        """request: awaitable of the client. expected: allowed, failed (isError) or denied."""
        given = " ".join(f"{name}={json.dumps(value)}" for name, value in (arguments or {}).items())
        seen = "allowed"
        result = None
        try:
            result = await request
            if getattr(result, "is_error", False):
                seen = "failed"
        except MCPError as error:
            seen = "denied" if error.code == 403 else f"error {error.code}"
        message = f"{target} {given}".strip() if method == "tools/call" else f"{method} {target}"
        self.table.row(self.who, message.strip(), expected, seen, self.decision(method, target))
        return result

    def decision(self, method, target):
        """The latest record about this message, with how it ended."""
        fresh = self.records.fresh()
        ends = {record["id"]: record["outcome"] for record in fresh
                if record["event"] == "outcome"}
        found = None
        for record in fresh:
            if record.get("method") == method and record.get("target", "") == target:
                found = {**record, "outcome": record.get("outcome") or ends.get(record["id"], "")}
        return found

    async def call(self, expected, tool, **arguments):
        return await self.ask(expected, "tools/call", tool,
                              self.client.call_tool(tool, arguments), arguments)


async def no_model(_context, _params):
    return types.ErrorData(code=-32603, message="there is no model here")


async def friendly_user(_context, params):
    fields = getattr(params, "requested_schema", {}).get("properties", {})
    return types.ElicitResult(action="accept", content={"name": "Ann"} if "name" in fields else {})


async def one_root(_context):
    return types.ListRootsResult(roots=[types.Root(uri="file:///srv/demo", name="demo")])


def connect(command, errors, mode="auto", **more):
    """The official client on a server over stdio. mode: auto probes the era, as clients do."""
    parameters = StdioServerParameters(command=str(command[0]), args=[str(c) for c in command[1:]])
    return Client(stdio_client(parameters, errlog=errors), mode=mode, read_timeout_seconds=30,
                  sampling_callback=no_model, elicitation_callback=friendly_user,
                  list_roots_callback=one_root, **more)
