"""Governs an MCP server over Streamable HTTP that is an ASGI application, from the outside.

    app = mcpgov.asgi.Middleware(server.streamable_http_app(), governor, server="notes")

Every HTTP request is decided before the application sees it, and every answer is filtered on its
way out. Outside of it belong what is no MCP (health checks, other pages) and CORS.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import inspect
import logging
import ssl
import time
from collections import OrderedDict

from . import _tools, fetch

MAX_BODY = 4 * 1024 * 1024  # as `limits.message_bytes`, whose default it is
MAX_SESSIONS = 10_000  # the least recently used one is forgotten, as if its connection had ended
TOOLS_AGE = 300.0  # seconds, after which the application is asked for its tools again
TOOLS_WAIT = 5.0  # seconds between two attempts that failed

_log = logging.getLogger("mcpgov")


class Middleware:
    """app: the ASGI application. server, tenant: as of `Governor.session`.

    tools: the server's tools for policies that need them and a configuration without: a result of
    tools/list as text or bytes, or a callable that gives one, awaitable or not. None: the
    application is asked. max_body: bytes of a request that are read at most. within: seconds
    that a request waits for fetches at most. Keys are kept fresh from start-up (ASGI's lifespan) or
    from the first request on.
    """

    def __init__(self, app, governor, *, server, tenant="", tools=None, max_body=MAX_BODY,
                 within=5.0):
        self.app, self.governor = app, governor
        self._options = {"server": server, "tenant": tenant, "transport": "streamable_http"}
        self._tools, self._listed, self._listed_until = tools, b"", 0.0
        self._failed, self._listing = (b"", 0.0), asyncio.Lock()
        self._max_body, self._within = max_body, within
        self._sessions = OrderedDict()  # by Mcp-Session-Id, as the application gave it out
        self._upkeep = None

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            self._start_upkeep()
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "websocket":  # MCP has no such transport
            await send({"type": "websocket.close", "code": 1008})

    # --- keys ------------------------------------------------------------------------------------

    def _start_upkeep(self):
        if self._upkeep is None or self._upkeep.done():
            self._upkeep = asyncio.create_task(
                fetch.upkeep(self.governor, on_error=lambda error: _log.error("upkeep: %r", error)))

    async def _lifespan(self, scope, receive, send):
        async def started(message):
            if message["type"] == "lifespan.startup.complete":
                await fetch.settle(self.governor, within=self._within)
                self._start_upkeep()
            await send(message)

        try:
            await self.app(scope, receive, started)
        finally:
            if self._upkeep is not None:
                self._upkeep.cancel()

    # --- requests --------------------------------------------------------------------------------

    async def _http(self, scope, receive, send):
        if await self._metadata(scope, send):
            return
        body = await _body_of(receive, self._max_body)
        if body is None:  # the client is gone
            return
        headers = scope["headers"]
        session = self._session(headers)
        if session.wants_tools:
            await self._set_tools(session, scope)
        verdicts = session.receive(body, method=scope["method"], url=_target(scope),
                                   headers=headers, peer=_peer(scope), **_certificates(scope))
        verdict = verdicts[0]
        if len(verdicts) > 1 or (verdicts.batch and verdict.allowed):
            # One answer cannot be filtered for several questions. Batches were in 2025-03-26 alone.
            await _answer(send, 400, _JSON, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,'
                                            b'"message":"Batches are not served"}}')
            return
        verdict = await fetch.complete(session, verdict, within=self._within)
        if not verdict.allowed:
            denial = verdict.denial
            await _answer(send, denial.http_status, denial.headers, denial.body)
            return
        await _Exchange(self, session, verdict, scope, send).run(receive)

    async def _metadata(self, scope, send):
        """Serves the protected resource metadata (RFC 9728 section 3), which is for everybody."""
        verifier = self.governor.verifier()
        path = verifier.resource_metadata_path
        if not path or scope["path"] != path or scope["method"] not in ("GET", "HEAD"):
            return False
        document = verifier.resource_metadata
        await _answer(send, 200, [*_JSON, ("access-control-allow-origin", "*")],
                      document, silent=scope["method"] == "HEAD")
        return True

    def _session(self, headers):
        """The session that the application gave the id of the request to, or a new one."""
        session_id = _field(headers, b"mcp-session-id")
        session = self._sessions.get(session_id)
        if session is None:
            return self.governor.session(**self._options)
        self._sessions.move_to_end(session_id)
        return session

    def remember(self, session_id, session):
        """The application gave this session its id."""
        self._sessions[session_id] = session
        if len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)

    def forget(self, session_id):
        """The client has ended this session."""
        self._sessions.pop(session_id, None)

    # --- tools -----------------------------------------------------------------------------------

    async def _set_tools(self, session, scope):
        """Tells the session which tools there are. Without them, calls are denied."""
        try:
            session.set_tools(await self._current_tools(scope))
        except Exception as failure:  # pylint: disable=broad-except
            # Whatever a host's callable or application raises: the call is denied, and says so.
            _log.error("the tools of %s are not known: %r", self._options["server"], failure)

    async def _current_tools(self, scope):
        if isinstance(self._tools, (str, bytes)):
            return self._tools
        # Applications refuse hosts that they do not know, so a failure is that of one host: nobody
        # may keep the list from others.
        host = _field(scope["headers"], b"host")
        async with self._listing:
            now = time.monotonic()
            if now >= self._listed_until:
                if self._failed[0] == host and now < self._failed[1]:
                    raise RuntimeError("they were asked for a moment ago")
                self._failed = host, now + TOOLS_WAIT
                self._listed = await self._list_tools(scope)
                self._listed_until, self._failed = now + TOOLS_AGE, (b"", 0.0)
            return self._listed

    async def _list_tools(self, scope):
        if self._tools is None:
            return await asyncio.wait_for(_tools.list_tools(self.app, scope), self._within)
        listed = self._tools()
        return await listed if inspect.isawaitable(listed) else listed


class _Exchange:
    """One permitted request on its way to the application, and its answer on the way back."""

    def __init__(self, middleware, session, verdict, scope, send):
        self._middleware, self._session, self._send = middleware, session, send
        self._verdict, self._bytes = verdict, verdict.message.bytes
        # Compressed answers could not be read, and extensions go around `send`.
        headers = [(name, value) for name, value in scope["headers"]
                   if name.lower() not in (b"accept-encoding", b"content-length")]
        headers.append((b"accept-encoding", b"identity"))
        if self._bytes or scope["method"] == "POST":
            headers.append((b"content-length", str(len(self._bytes)).encode()))
        self._scope = {**scope, "headers": headers, "extensions": {}}
        self._reply, self._start, self._held = None, None, []
        self._errors = set()

    async def run(self, receive):
        taken = False

        async def give():
            nonlocal taken
            if taken:
                return await receive()
            taken = True
            return {"type": "http.request", "body": self._bytes, "more_body": False}

        await self._middleware.app(self._scope, give, self._take)

    async def _take(self, message):
        if message["type"] == "http.response.start":
            self._begin(message)
            if self._streams:
                await self._send({**self._start, "headers": _without_length(message["headers"])})
        elif message["type"] == "http.response.body" and self._reply is not None:
            await self._filter(message.get("body", b""), message.get("more_body", False))

    def _begin(self, message):
        kind = _field(message["headers"], b"content-type").split(b";")[0].strip().lower()
        self._start, self._streams = message, kind == b"text/event-stream"
        self._reply = self._session.reply(
            self._verdict, format="event_stream" if self._streams else "json")
        session_id = _field(message["headers"], b"mcp-session-id")
        if session_id and message["status"] < 400:
            self._middleware.remember(session_id, self._session)
        if self._scope["method"] == "DELETE" and message["status"] < 400:
            self._middleware.forget(_field(self._scope["headers"], b"mcp-session-id"))

    async def _filter(self, piece, more):
        out = self._reply.feed(piece)
        if not more:
            out += self._reply.end()
        for error in self._reply.to_server().splitlines():
            self._tell_server(error)
        if self._streams:
            if out or not more:
                await self._send({"type": "http.response.body", "body": out, "more_body": more})
            return
        self._held.append(out)
        if not more:
            await self._finish(b"".join(self._held))

    async def _finish(self, body):
        status = self._start["status"]
        if self._reply.http_status != 200 and status < 400:
            status = self._reply.http_status
        headers = _without_length(self._start["headers"])
        if status not in (204, 304):
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**self._start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    def _tell_server(self, error):
        """A request of the server was denied: it gets an error instead of the client's answer."""
        task = asyncio.create_task(_tools.post(self._middleware.app, self._scope, error))
        self._errors.add(task)
        task.add_done_callback(self._errors.discard)


# --- ASGI ----------------------------------------------------------------------------------------

_JSON = [("content-type", "application/json")]


async def _body_of(receive, limit):
    """At most one byte more than the limit, which the session then refuses; None: disconnected."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > limit or not message.get("more_body", False):
            return bytes(body[:limit + 1])


async def _answer(send, status, headers, body, silent=False):
    fields = [(name.encode(), value.encode()) for name, value in headers]
    fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if silent else body})


def _field(headers, name):
    for field, value in headers:
        if field.lower() == name:
            return bytes(value)
    return b""


def _without_length(headers):
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]


def _target(scope):
    """The target of the request line."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return (path.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


def _peer(scope):
    """The client's address; `unix` for a local socket, whose server has a path and no port."""
    if scope.get("client"):
        return scope["client"][0]
    return "unix" if (scope.get("server") or ("", 0))[1] is None else ""


def _certificates(scope):
    """The client's certificates, where the server tells them (ASGI's TLS extension)."""
    tls = (scope.get("extensions") or {}).get("tls") or {}
    chain = [ssl.PEM_cert_to_DER_cert(pem) for pem in tls.get("client_cert_chain") or ()]
    return {"certificate": chain[0], "chain": chain[1:]} if chain else {}
