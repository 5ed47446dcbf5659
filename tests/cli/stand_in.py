"""A stand-in for MCP servers that behave oddly. The demo drives real ones.

usage: stand_in.py BEHAVIOUR [ARGUMENT]. It answers initialize and tools/list, and then does what the
behaviour says. What it receives is written to standard error, one line each.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import signal
import sys
import time

TOOLS = [{"name": "echo",
          "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}]


def say(message, end="\n"):
    text = message if isinstance(message, str) else json.dumps(message, separators=(",", ":"))
    sys.stdout.write(text + end)
    sys.stdout.flush()


def answer(message, result):
    say({"jsonrpc": "2.0", "id": message["id"], "result": result})


def tools(message, behaviour, state):
    """The list of tools, as the behaviour has it."""
    if behaviour == "no-tools-answer":
        return
    if behaviour == "no-tools-method":
        say({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no"}})
    elif behaviour == "pages":
        cursor = message.get("params", {}).get("cursor")
        page = int(cursor or 0)
        result = {"tools": [{**TOOLS[0], "name": f"echo{page}"}]}
        if page < 4:
            result["nextCursor"] = str(page + 1)
        answer(message, result)
    elif behaviour == "changing" and state["changed"]:
        answer(message, {"tools": [{**TOOLS[0], "name": "late"}]})
    elif behaviour == "roots-first" and not state["roots"]:
        state["waiting"].append(message)
        say({"jsonrpc": "2.0", "id": "roots", "method": "roots/list"})
    else:
        answer(message, {"tools": TOOLS})


def call(message, behaviour, argument, state):
    text = message["params"].get("arguments", {}).get("text", "")
    if behaviour == "crash":
        say('{"jsonrpc":"2.0","id":', end="")
        os.kill(os.getpid(), signal.SIGKILL)
    elif behaviour == "exit":
        sys.exit(int(argument))
    elif behaviour == "halves":
        line = json.dumps({"jsonrpc": "2.0", "id": message["id"],
                           "result": {"content": [{"type": "text", "text": text}]}})
        for half in (line[:20], line[20:], "\r\n\n  \n"):
            say(half, end="")
            time.sleep(0.02)
    elif behaviour == "no-line-end":
        say({"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}}, end="")
        sys.exit(0)
    elif behaviour == "huge":
        answer(message, {"content": [{"type": "text", "text": "x" * int(argument)}]})
    elif behaviour == "noise":
        say("Listening on stdio")
        say({"jsonrpc": "2.0", "method": "notifications/unheard-of"})
        say({"jsonrpc": "2.0", "id": 4711, "result": {"stolen": True}})
        say({"jsonrpc": "2.0", "id": "s", "method": "sampling/createMessage",
             "params": {"messages": [], "maxTokens": 1}})
        answer(message, {"content": []})
    elif behaviour == "changing":
        answer(message, {"content": []})
        state["changed"] = True
        say({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
    else:
        answer(message, {"content": [{"type": "text", "text": text}]})


def take(message, behaviour, argument, state):
    method = message.get("method")
    if method == "initialize":
        answer(message, {"protocolVersion": message["params"]["protocolVersion"],
                         "capabilities": {}, "serverInfo": {"name": "stand-in", "version": "1"}})
    elif method == "tools/list":
        tools(message, behaviour, state)
    elif method == "tools/call":
        call(message, behaviour, argument, state)
    elif message.get("id") == "roots":
        state["roots"] = True
        for waiting in state["waiting"]:
            answer(waiting, {"tools": TOOLS})
    elif "id" in message and method:
        answer(message, {})


def main():
    behaviour, argument = sys.argv[1], (sys.argv[2:] or [""])[0]
    state = {"changed": False, "roots": False, "waiting": []}
    if behaviour == "exit-at-once":
        sys.exit(int(argument))
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "polite":
        def leave(number, _frame):
            sys.stderr.write(f"signal {number}\n")
            sys.exit(42)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
    for line in sys.stdin:
        sys.stderr.write(line)
        sys.stderr.flush()
        take(json.loads(line), behaviour, argument, state)
    if behaviour in ("stubborn", "deaf", "polite"):
        while True:
            signal.pause()


if __name__ == "__main__":
    main()
