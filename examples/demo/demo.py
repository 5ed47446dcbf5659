"""A real client and real servers, governed end to end; what happened beside what was recorded.

usage: demo.py PROGRAMS-FOLDER WORK-FOLDER

Exit code 1 when something differs from what the policies say.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import json
import pathlib
import subprocess
import sys

from session import Conversation, Records, Table, caller, connect
from verified import verified

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAMS, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
MCPGOV, EXAMPLE = PROGRAMS / "mcpgov", PROGRAMS / "example-server"
MODULES = WORK / "node_modules/@modelcontextprotocol"

VIEWER = ("ann", caller("ann", "viewer"))
OPERATOR = ("oskar", caller("oskar", "operator"))
ANALYST = ("ann", caller("ann", "analyst"))
ENGINEER = ("eve", caller("eve", "engineer"))


def prepare():
    """Configuration and folders of this run."""
    files = WORK / "files"
    files.mkdir(exist_ok=True)
    (files / "hello.txt").write_text("hello\n")
    places = {"@FOLDER@": files, "@POLICY@": HERE / "policy", "@WORK@": WORK, "@ROOT@": ROOT}
    for name in ("filesystem.cedar", "mcpgov.yaml"):
        text = (HERE / "policy" / name).read_text()
        for word, path in places.items():
            text = text.replace(word, str(path))
        (WORK / name).write_text(text)
    records = WORK / "records.jsonl"
    records.unlink(missing_ok=True)
    records.touch(mode=0o600)
    return files, Records(records)


def governed(server, who, *command):
    return [MCPGOV, "run", "--config", WORK / "mcpgov.yaml", "--server", server,
            "--caller", who, "--", *command]


def node(package, *arguments):
    return ["node", MODULES / package / "dist/index.js", *arguments]


async def names(client):
    return [tool.name for tool in (await client.list_tools()).tools]


async def everything(table, records, errors):
    """npm's server-everything with the Python client, as two callers."""
    table.open("server-everything (npm) under `mcpgov run`, official Python client")
    async with connect(node("server-everything", "stdio"), errors) as client:
        offered = await names(client)
    shown = {}
    for who, identity in (VIEWER, OPERATOR):
        command = governed("everything", identity, *node("server-everything", "stdio"))
        async with connect(command, errors) as client:
            talk = Conversation(client, who, table, records)
            listed = await talk.ask("allowed", "tools/list", "", client.list_tools())
            shown[who] = [tool.name for tool in listed.tools]
            operator = who == "oskar"
            await talk.call("allowed", "echo", message="hello")
            await talk.call("denied", "echo", message="the password is x")
            await talk.call("allowed", "get-sum", a=2, b=40)
            await talk.call("denied", "get-sum", a=2000, b=40)
            await talk.call("denied", "get-env")
            await talk.call("allowed" if operator else "denied", "toggle-simulated-logging")
            await talk.call("denied", "no-such-tool")
            await talk.ask("denied" if operator else "allowed", "prompts/get", "simple-prompt",
                           client.get_prompt("simple-prompt"))
            document = "demo://resource/static/document/features.md"
            await talk.ask("allowed" if operator else "denied", "resources/read", document,
                           client.read_resource(document))
            if operator:
                await questions(talk, table)
    table.fact("the viewer sees fewer tools than the operator, and both fewer than there are",
               0 < len(shown["ann"]) < len(shown["oskar"]) < len(offered),
               f"{len(shown['ann'])} < {len(shown['oskar'])} < {len(offered)}")
    table.fact("nobody sees get-env", "get-env" in offered and "get-env" not in
               shown["ann"] + shown["oskar"])


async def questions(talk, table):
    """What the server asks of its client, in the middle of a call."""
    await talk.client.call_tool("trigger-elicitation-request", {})
    asked = [r for r in talk.records.fresh() if r.get("direction") == "from_server"]
    table.fact("the server may ask an operator something",
               any(r.get("method") == "elicitation/create" and r["allowed"] for r in asked))
    refused = None
    try:
        result = await talk.client.call_tool("trigger-sampling-request", {"prompt": "hi"})
        refused = result.is_error
    except Exception:  # pylint: disable=broad-except
        refused = True
    asked = [r for r in talk.records.fresh() if r.get("method") == "sampling/createMessage"]
    table.fact("and nobody's client for its model",
               refused and len(asked) > 0 and not any(r["allowed"] for r in asked))


async def filesystem(table, records, errors, files):
    """npm's server-filesystem, judged by a reviewed list of its tools."""
    table.open("server-filesystem (npm) with a reviewed list of tools")
    for who, identity in (VIEWER, OPERATOR):
        command = governed("filesystem", identity, *node("server-filesystem", files))
        operator = who == "oskar"
        async with connect(command, errors) as client:
            talk = Conversation(client, who, table, records)
            await talk.call("allowed", "read_text_file", path=str(files / "hello.txt"))
            await talk.call("denied", "read_text_file", path="/etc/passwd")
            await talk.call("denied", "read_text_file", path=f"{files}/../mcpgov.yaml")
            await talk.call("allowed" if operator else "denied", "write_file",
                            path=f"{files}/new.txt", content="x")
            await talk.call("denied" if operator else "allowed", "list_directory",
                            path=f"{files}/.")
            await talk.call("denied", "directory_tree", path=f"{files}")
            await talk.call("denied", "read_text_file", path=f"{files}/hello.txt", sneaky=True)
    table.fact("what was allowed was done", (files / "new.txt").exists())


async def modern(table, records, errors):
    """A server of the Python SDK in the revision of 2026-07-28, which has no handshake."""
    table.open("a server of the Python SDK, revision 2026-07-28")
    command = governed("notes", VIEWER[1], sys.executable, HERE / "notes_server.py")
    async with connect(command, errors, mode="2026-07-28") as client:
        talk = Conversation(client, "ann", table, records)
        await talk.call("allowed", "search", text="bread")
        await talk.call("denied", "delete", text="bread")
        listed = await names(client)
    table.fact("only what may be called is listed", listed == ["search"], ", ".join(listed))
    async with connect(command, errors) as client:
        table.fact("a client that probes for the revision finds it",
                   client.protocol_version == "2026-07-28", client.protocol_version)


async def database(table, records, errors):
    """examples/server, which governs itself, with the policy of analyst and engineer."""
    table.open("examples/server, which links the library")
    for who, identity in (ANALYST, ENGINEER):
        async with connect([EXAMPLE, WORK / "mcpgov.yaml", identity], errors) as client:
            talk = Conversation(client, who, table, records)
            engineer = who == "eve"
            listed = await talk.ask("allowed", "tools/list", "", client.list_tools())
            await talk.call("allowed", "list_tables")
            await talk.call("allowed", "read_schema", table="orders")
            await talk.call("allowed" if engineer else "denied", "execute_query",
                            sql="select * from orders")
            await talk.call("denied", "execute_query", sql="delete from orders", destructive=True)
            await talk.call("failed" if engineer else "denied", "execute_query",
                            sql="delete from orders")
            await talk.call("denied", "drop_table")
            tools = [tool.name for tool in listed.tools]
            table.fact("the list shows what may be called",
                       ("execute_query" in tools) == engineer, ", ".join(tools))


def typescript(table):
    """The official TypeScript client against server-everything."""
    print("\nserver-everything (npm) under `mcpgov run`, official TypeScript client\n")
    script = WORK / "typescript_client.mjs"  # beside the modules it imports
    script.write_text((HERE / script.name).read_text())
    command = governed("everything", VIEWER[1], *node("server-everything", "stdio"))
    done = subprocess.run(["node", script, *command], capture_output=True, text=True, timeout=60,
                          check=False)
    seen = json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr}
    table.fact("a call is allowed", seen.get("echo") == "allowed")
    table.fact("one is denied by its argument", seen.get("secret") == "denied")
    table.fact("one is denied by its tool, which is not listed",
               seen.get("environment") == "denied" and
               "get-env" not in seen.get("tools", ["get-env"]))


def summary(table):
    """Every record closed, and nothing recorded that was not asked."""
    lines = [json.loads(line) for line in (WORK / "records.jsonl").read_text().splitlines()]
    decisions = [r for r in lines if r["event"] == "decision"]
    ends = {r["id"] for r in lines if r["event"] == "outcome"}
    open_ones = [r for r in decisions if "outcome" not in r and r["id"] not in ends]
    print()
    table.fact("every record is closed", not open_ones, f"{len(decisions)} decisions in "
               f"{(WORK / 'records.jsonl').name}")
    print("\nrecords (the last two):")
    for record in lines[-2:]:
        print("  " + json.dumps(record))


async def main():
    files, records = prepare()
    table = Table(WORK)
    with open(WORK / "servers.log", "w", encoding="utf-8") as errors:
        await everything(table, records, errors)
        await filesystem(table, records, errors, files)
        await modern(table, records, errors)
        await database(table, records, errors)
        typescript(table)
        await verified(table, HERE, ROOT, WORK, PROGRAMS / "example-http-server", errors)
    summary(table)
    print(f"\n{table.rows - table.wrong} passed, {table.wrong} failed")
    return 1 if table.wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
