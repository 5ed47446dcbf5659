"""Requests to an MCP application within the process, behind the governor: which tools it has, and
what to tell it.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import json

PAGES = 100  # of tools/list; an application that goes on for longer has no list
PROTOCOL = "2025-06-18"  # a revision with a handshake, which servers of later ones know too

# What is about the client's own message, and not about the connection.
_OF_THE_CLIENT = (b"authorization", b"content-length", b"content-type", b"accept", b"cookie",
                  b"mcp-session-id", b"mcp-protocol-version", b"mcp-method", b"mcp-name",
                  b"last-event-id", b"dpop", b"x-api-key", b"accept-encoding", b"transfer-encoding")


async def _ask(app, scope, method, headers, body):
    """Status, header fields and body of the application's answer."""
    status, fields, pieces, done = 0, [], [], asyncio.Event()
    given = False

    async def receive():
        nonlocal given
        if given:
            await done.wait()
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        nonlocal status, fields
        if message["type"] == "http.response.start":
            status, fields = message["status"], message["headers"]
        elif message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                done.set()

    inner = {**scope, "method": method, "headers": headers, "query_string": b"", "extensions": {}}
    await app(inner, receive, send)
    return status, {bytes(n).lower(): bytes(v) for n, v in fields}, b"".join(pieces)


async def post(app, scope, message):
    """Hands the application a message with the header fields of the client's own request."""
    headers = [(n, v) for n, v in scope["headers"]
               if n.lower() not in (b"content-length", b"mcp-method", b"mcp-name")]
    headers.append((b"content-length", str(len(message)).encode()))
    await _ask(app, scope, "POST", headers, message)


class _Client:
    """The least of a client of Streamable HTTP."""

    def __init__(self, app, scope):
        self._app, self._scope, self._number = app, scope, 0
        self._fields = [(n, v) for n, v in scope["headers"] if n.lower() not in _OF_THE_CLIENT]
        self._fields += [(b"content-type", b"application/json"),
                         (b"accept", b"application/json, text/event-stream")]

    async def _post(self, message):
        body = json.dumps(message).encode()
        length = (b"content-length", str(len(body)).encode())
        return await _ask(self._app, self._scope, "POST", [*self._fields, length], body)

    async def notify(self, method):
        await self._post({"jsonrpc": "2.0", "method": method})

    async def request(self, method, params):
        self._number += 1
        status, fields, body = await self._post(
            {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        for text in _messages(fields.get(b"content-type", b""), body):
            message = json.loads(text)
            if message.get("id") == self._number and "result" in message:
                return fields, message["result"]
        raise RuntimeError(f"the application answered {method} with status {status}")

    async def open(self):
        fields, result = await self.request("initialize", {
            "protocolVersion": PROTOCOL, "capabilities": {},
            "clientInfo": {"name": "mcpgov", "version": "1"}})
        revision = str(result["protocolVersion"]).encode()
        self._fields.append((b"mcp-protocol-version", revision))
        if b"mcp-session-id" in fields:
            self._fields.append((b"mcp-session-id", fields[b"mcp-session-id"]))
        await self.notify("notifications/initialized")

    async def close(self):
        if any(name == b"mcp-session-id" for name, _ in self._fields):
            await _ask(self._app, self._scope, "DELETE", self._fields, b"")


def _messages(kind, body):
    """The JSON texts of a JSON answer, or of an event stream."""
    if not kind.startswith(b"text/event-stream"):
        return [body]
    events = body.replace(b"\r\n", b"\n").split(b"\n\n")
    lines = [[line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:")]
             for event in events]
    return [text for text in (b"\n".join(each) for each in lines) if text]


async def list_tools(app, scope):
    """All tools of the application as a result of tools/list. scope: of a request to it."""
    client = _Client(app, {**scope, "method": "POST"})
    await client.open()
    tools, params = [], {}
    for _ in range(PAGES):
        _, page = await client.request("tools/list", params)
        tools += page["tools"]
        if not page.get("nextCursor"):
            await client.close()
            return json.dumps({"tools": tools})
        params = {"cursor": page["nextCursor"]}
    raise RuntimeError(f"the application lists more than {PAGES} pages of tools")
