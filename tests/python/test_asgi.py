"""mcpgov.asgi in front of an application that tells what reached it.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import mcpgov
import pytest
from conftest import call
from mcpgov import asgi
from mcpgov.asgi import Middleware
from tokens import ISSUER, RESOURCE, jwk_set, token

TOOLS = {"tools": [{"name": name, "inputSchema": {"type": "object"}}
                   for name in ("list_tables", "drop_table")]}
JSON = [(b"content-type", b"application/json")]
STREAM = [(b"content-type", b"text/event-stream")]
PATH = "/.well-known/oauth-protected-resource/mcp"


def governed(records, app, *, unknown_tools="natural", issuer=ISSUER, network=None, **more):
    keys = {"network": network} if network else {"keys": {"text": jwk_set()}}
    settings = {
        "version": 1,
        "servers": {"shop": {
            "policies": [{"text": f'permit(principal in shop::Role::"{issuer}#analyst", '
                                  'action in [shop::Action::"list_tables", '
                                  'shop::Action::"list_roots"], resource);'}],
            "unknown_tools": unknown_tools}},
        "identity": {"resource": {"url": RESOURCE, "scopes": ["read"]},
                     "issuers": [{"issuer": issuer, **keys}]}}
    governor = mcpgov.Governor.parse(json.dumps(settings), sink=records.append)
    return Middleware(app, governor, server="shop", **more)


class App:
    """An MCP application. answers: what it says to a method, as (status, headers, *pieces)."""

    def __init__(self, **answers):
        self.answers, self.seen, self.scopes = answers, [], []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = (await receive())["body"]
        self.seen.append((scope["method"], body))
        self.scopes.append(scope)
        message = json.loads(body) if body else {}
        status, headers, *pieces = self.answer(scope, message)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": pieces[-1] if pieces else b""})

    def answer(self, scope, message):
        method = message.get("method", scope["method"])
        known = self.answers.get(method.replace("/", "_"))
        if known is not None:
            return known
        result = {"tools/list": TOOLS, "initialize": {
            "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "app", "version": "1"}}}.get(method, {"content": []})
        if "id" not in message or "method" not in message:
            return 202, []
        return 200, JSON, json.dumps(
            {"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()


def scope(method, credentials, **more):
    headers = [(b"host", b"mcp.example.com"), (b"mcp-protocol-version", b"2025-06-18"),
               (b"accept", b"application/json, text/event-stream"), *more.pop("headers", [])]
    if method == "POST":
        headers.append((b"content-type", b"application/json"))
    if credentials:
        headers.append((b"authorization", f"Bearer {credentials}".encode()))
    return {"type": "http", "method": method, "path": "/mcp", "raw_path": b"/mcp",
            "query_string": b"", "headers": headers, "client": ("192.0.2.7", 4711),
            "scheme": "https", **more}


class Answer:
    """What the client got."""

    def __init__(self, sent):
        self.status = sent[0]["status"]
        self.headers = {n.decode().lower(): v.decode() for n, v in sent[0]["headers"]}
        self.pieces = [message["body"] for message in sent[1:]]
        self.body = b"".join(self.pieces)
        assert not sent[-1].get("more_body", False), "the answer has an end"
        if "content-length" in self.headers:
            assert int(self.headers["content-length"]) == len(self.body)


async def ask(app, asked, *pieces):
    """One request as a server of ASGI hands it over."""
    given, sent = list(pieces or (b"",)), []

    async def receive():
        if not given:
            return {"type": "http.disconnect"}
        piece = given.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(given)}

    async def send(message):
        sent.append(message)

    await app(asked, receive, send)
    return Answer(sent)


def post(app, body, credentials=None, **more):
    asked = scope("POST", token() if credentials is None else credentials, **more)
    return asyncio.run(ask(app, asked, body))


LIST = b'{"jsonrpc":"2.0","id":7,"method":"tools/list"}'


def test_what_is_permitted_passes_byte_for_byte(records):
    app = App()
    answer = post(governed(records, app), call(number=3))
    assert (answer.status, json.loads(answer.body)["id"]) == (200, 3)
    assert app.seen == [("POST", call(number=3))]
    assert [json.loads(line).get("outcome") for line in records] == [None, "completed"]
    caller = json.loads(records[0])["caller"]
    assert (caller["issuer"], caller["subject"]) == (ISSUER, "ann")


@pytest.mark.parametrize(("body", "credentials", "status"), [
    (call(), "", 401), (call(), "nonsense", 401), (call("drop_table"), None, 403),
    (b"{", None, 400), (b"", None, 400),
    (b'{"jsonrpc":"2.0","id":1,"method":"no/such"}', None, 200),
    (b"[" + call() + b"]", None, 400), (b"[%s,%s]" % (call(number=1), call(number=2)), None, 400)])
def test_what_is_not_never_reaches_the_application(records, body, credentials, status):
    app = App()
    answer = post(governed(records, app), body, credentials)
    assert (answer.status, app.seen) == (status, [])
    if status == 401:
        assert f'{RESOURCE.removesuffix("/mcp")}{PATH}' in answer.headers["www-authenticate"]
    assert answer.headers["content-type"] == "application/json" and json.loads(answer.body)["error"]


def test_a_batch_of_its_time_is_refused_and_its_records_are_closed(records):
    app, asked = App(), scope("POST", token())
    asked["headers"] = [(n, b"2025-03-26" if n == b"mcp-protocol-version" else v)
                        for n, v in asked["headers"]]
    answer = asyncio.run(ask(governed(records, app), asked, b"[%s]" % call()))
    assert (answer.status, app.seen) == (400, [])
    assert [json.loads(line).get("outcome") for line in records] == [None, "abandoned"]


def test_a_body_comes_in_pieces_and_has_an_end(records):
    app = App()
    middleware = governed(records, app, max_body=200)
    body = call()
    answer = asyncio.run(ask(middleware, scope("POST", token()), body[:10], body[10:]))
    assert answer.status == 200 and app.seen == [("POST", body)]
    answer = post(middleware, call(table="x" * 200))
    assert answer.status in (400, 413) and len(app.seen) == 1


def test_a_body_without_end_is_not_read_to_its_end(records):
    middleware = governed(records, App(), max_body=200)
    given, sent = [], []

    async def receive():
        given.append(1)
        return {"type": "http.request", "body": b"x" * 100, "more_body": len(given) < 1000}

    async def send(message):
        sent.append(message)

    asyncio.run(middleware(scope("POST", token()), receive, send))
    assert len(given) == 3 and sent[0]["status"] == 400


def test_a_client_that_goes_is_not_decided_about(records):
    sent = []

    async def gone():
        return {"type": "http.disconnect"}

    asyncio.run(governed(records, App())(scope("POST", token()), gone, sent.append))
    assert sent == [] and records == []


def test_lists_lose_what_the_caller_may_not_use(records):
    answer = post(governed(records, App()), LIST)
    assert [tool["name"] for tool in json.loads(answer.body)["result"]["tools"]] == ["list_tables"]


def event(message):
    return b"event: message\ndata: " + json.dumps(message).encode() + b"\n\n"


def test_streams_are_filtered_as_they_come(records):
    whole = event({"jsonrpc": "2.0", "id": 7, "result": TOOLS})
    note = event({"jsonrpc": "2.0", "method": "notifications/message",
                  "params": {"level": "info", "data": "x"}})
    app = App(tools_list=(200, [*STREAM, (b"content-length", b"999")], note, whole[:9], whole[9:]))
    answer = post(governed(records, app), LIST)
    assert answer.headers["content-type"] == "text/event-stream"
    assert "content-length" not in answer.headers
    assert answer.pieces[0] == note, "it does not wait for the rest"
    assert b"list_tables" in answer.body and b"drop_table" not in answer.body


def test_requests_of_the_server_that_are_denied_are_answered_for_the_client(records):
    question = {"jsonrpc": "2.0", "id": "s1", "method": "sampling/createMessage",
                "params": {"messages": [], "maxTokens": 1}}
    app = App(tools_call=(200, STREAM, event(question), event(
        {"jsonrpc": "2.0", "id": 1, "result": {"content": []}})))

    async def both():
        asked = scope("POST", token(), headers=[(b"mcp-session-id", b"abc")])
        answer = await ask(governed(records, app), asked, call())
        while len(app.seen) < 2:
            await asyncio.sleep(0)
        return answer

    answer = asyncio.run(asyncio.wait_for(both(), 10))
    assert b"sampling" not in answer.body
    told = json.loads(app.seen[1][1])
    assert told["id"] == "s1" and told["error"]
    assert (b"mcp-session-id", b"abc") in app.scopes[1]["headers"]


def test_a_client_answers_the_server(records):
    """The question came in the stream of one request, its answer comes in another."""
    question = event({"jsonrpc": "2.0", "id": "s1", "method": "roots/list"})
    app = App(tools_call=(200, [*STREAM, (b"mcp-session-id", b"abc")], question))
    middleware = governed(records, app)
    headers = [(b"mcp-session-id", b"abc")]
    answer = b'{"jsonrpc":"2.0","id":"s1","result":{"roots":[]}}'
    assert b"roots/list" in post(middleware, call()).body
    got = post(middleware, answer, headers=headers)
    assert (got.status, got.body, app.seen[-1][1]) == (202, b"", answer)
    assert post(middleware, answer, headers=headers).status != 202, "once"


@pytest.mark.parametrize("answer", [
    (200, JSON, b'{"jsonrpc":"2.0","id":99,"result":{}}'), (200, JSON, b"<html>"),
    (200, [(b"content-type", b"text/html")], b"secret"), (200, [], b"{}")])
def test_what_is_no_answer_is_withheld(records, answer):
    got = post(governed(records, App(tools_call=answer)), call())
    assert got.status == 502 and b"secret" not in got.body
    assert json.loads(got.body)["error"]["code"] == 502


def test_the_status_of_a_refusing_application_is_told(records):
    """MCP clients begin a new session on 404."""
    got = post(governed(records, App(tools_call=(404, JSON, b"not found"))), call())
    assert got.status == 404 and b"not found" not in got.body


def test_answers_come_uncompressed_and_extensions_stay_outside(records):
    app = App()
    post(governed(records, app), call(), headers=[(b"accept-encoding", b"gzip")],
         extensions={"http.response.pathsend": {}})
    assert (b"accept-encoding", b"identity") in app.scopes[0]["headers"]
    assert app.scopes[0]["extensions"] == {}


def test_notifications_pass(records):
    got = post(governed(records, App()), b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
    assert (got.status, got.body) == (202, b"")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_streams_and_ends_of_sessions_need_a_caller(records, method):
    app = App(GET=(200, STREAM, b":\n\n"), DELETE=(200, []))
    middleware = governed(records, app)
    session = [(b"mcp-session-id", b"abc")]
    refused = asyncio.run(ask(middleware, scope(method, "", headers=session)))
    assert (refused.status, app.seen) == (401, [])
    passed = asyncio.run(ask(middleware, scope(method, token(), headers=session)))
    assert (passed.status, app.seen) == (200, [(method, b"")])


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "PATCH", "HEAD"])
def test_other_methods_are_not_for_mcp(records, method):
    app = App()
    assert asyncio.run(ask(governed(records, app), scope(method, token()))).status == 405
    assert app.seen == []


def test_a_session_is_kept_for_the_id_that_the_application_gave(records):
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {"roots": {}},
        "clientInfo": {"name": "c", "version": "1"}}}
    app = App()
    app.answers["initialize"] = (200, [*JSON, (b"mcp-session-id", b"abc")],
                                 app.answer({"method": "POST"}, initialize)[2])
    app.answers["DELETE"] = (200, [])
    middleware = governed(records, app)
    first = middleware._session([])
    post(middleware, json.dumps(initialize).encode())
    headers = [(b"mcp-session-id", b"abc")]
    kept = middleware._session(headers)
    assert kept is middleware._session(headers) and kept is not first
    assert post(middleware, call(number=2), headers=headers).status == 200
    eve = token(sub="eve")
    assert post(middleware, call(number=3), eve, headers=headers).status == 404
    asyncio.run(ask(middleware, scope("DELETE", token(), headers=headers)))
    assert middleware._session(headers) is not kept


def test_a_guessed_session_id_is_not_kept(records):
    middleware = governed(records, App())
    headers = [(b"mcp-session-id", b"guessed")]
    post(middleware, call(), headers=headers)
    assert middleware._session(headers) is not middleware._session(headers)


def test_the_metadata_is_for_everybody(records):
    app = App()
    middleware = governed(records, app)
    for method in ("GET", "HEAD"):
        asked = {**scope(method, ""), "path": PATH, "raw_path": PATH.encode()}
        answer_of = asyncio.run(_raw(middleware, asked))
        assert answer_of[0]["status"] == 200
        body = answer_of[1]["body"]
        assert (json.loads(body)["resource"] == RESOURCE) if method == "GET" else body == b""
    elsewhere = {**scope("GET", ""), "path": f"{PATH}/x"}
    assert asyncio.run(ask(middleware, elsewhere)).status in (400, 401, 405)
    assert app.seen == [] or all(seen[0] != "GET" for seen in app.seen)


async def _raw(app, asked):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(asked, receive, send)
    return sent


def test_tools_are_those_of_the_application(records):
    app = App(initialize=None)
    middleware = governed(records, app, unknown_tools="deny")
    assert post(middleware, call()).status == 200
    methods = [json.loads(body).get("method") for _, body in app.seen]
    assert methods == ["initialize", "notifications/initialized", "tools/list", "tools/call"]
    assert not any(name == b"authorization" for name, _ in app.scopes[2]["headers"])
    assert post(middleware, call()).status == 200, "and are asked for once"
    assert len(app.seen) == 5
    assert post(middleware, call("no_such_tool")).status == 403


def test_all_pages_of_the_tools_are_read(records):
    class Paged(App):
        def answer(self, scope, message):
            if message.get("method") != "tools/list":
                return super().answer(scope, message)
            last = "cursor" in message.get("params", {})
            page = {"tools": [TOOLS["tools"][0 if last else 1]]}
            page |= {} if last else {"nextCursor": "more"}
            answer = {"jsonrpc": "2.0", "id": message["id"], "result": page}
            return 200, STREAM, event(answer)

    assert post(governed(records, Paged(), unknown_tools="deny"), call()).status == 200


def test_a_stranger_cannot_keep_the_tools_from_others(records):
    class Strict(App):
        def answer(self, scope, message):
            if (b"host", b"evil.example") in scope["headers"]:
                return 421, JSON, b"{}"
            return super().answer(scope, message)

    app = Strict()
    middleware = governed(records, app, unknown_tools="deny")
    evil = scope("POST", token())
    evil["headers"] = [(n, b"evil.example" if n == b"host" else v) for n, v in evil["headers"]]
    for _ in range(3):
        assert asyncio.run(ask(middleware, evil, call())).status == 403
    assert len(app.seen) == 1, "it is asked once in a while"
    assert post(middleware, call()).status == 200


@pytest.mark.parametrize(("more", "peer"), [
    ({}, "192.0.2.7"), ({"client": None, "server": ("/run/mcp.sock", None)}, "unix"),
    ({"client": None, "server": ("mcp.example.com", 443)}, ""), ({"client": None}, "")])
def test_the_peer_is_known_as_far_as_the_server_tells(more, peer):
    assert asgi._peer(scope("POST", "", **more)) == peer


@pytest.mark.parametrize("tools", [
    json.dumps(TOOLS), json.dumps(TOOLS).encode(), lambda: json.dumps(TOOLS)])
def test_tools_may_be_handed_in(records, tools):
    app = App()
    assert post(governed(records, app, unknown_tools="deny", tools=tools), call()).status == 200
    assert len(app.seen) == 1


ENDLESS = b'{"jsonrpc":"2.0","id":2,"result":{"tools":[],"nextCursor":"again"}}'


@pytest.mark.parametrize("app", [
    App(tools_list=(500, JSON, b"")), App(initialize=(200, JSON, b"x")),
    App(tools_list=(200, JSON, ENDLESS))])
def test_without_the_tools_nothing_is_called(records, app):
    middleware = governed(records, app, unknown_tools="deny")
    assert post(middleware, call()).status == 403
    assert all(json.loads(body).get("method") != "tools/call" for _, body in app.seen)


def test_there_is_no_other_way_in(records):
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(governed(records, App())({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


class Provider(BaseHTTPRequestHandler):
    """An issuer that says where its keys are."""

    def do_GET(self):
        issuer = f"http://127.0.0.1:{self.server.server_port}"
        body = jwk_set() if self.path == "/keys" else json.dumps({
            "issuer": issuer, "jwks_uri": f"{issuer}/keys", "response_types_supported": ["code"],
            "authorization_endpoint": issuer, "token_endpoint": issuer})
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def issuer():
    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_request_waits_for_keys(records, issuer):
    url = f"http://127.0.0.1:{issuer.server_port}"
    middleware = governed(records, App(), issuer=url, network={"private_addresses": True})
    assert post(middleware, call(), token(iss=url)).status == 200
    assert "/keys" in issuer.asked


def test_keys_are_there_when_the_application_has_started(records, issuer):
    url = f"http://127.0.0.1:{issuer.server_port}"
    middleware = governed(records, App(), issuer=url, network={"private_addresses": True})
    sent = []

    async def live():
        ended = asyncio.Event()

        async def receive():
            if sent:
                await ended.wait()
            return {"type": "lifespan.shutdown" if sent else "lifespan.startup"}

        async def send(message):
            sent.append(message["type"])
            if message["type"] == "lifespan.startup.complete":
                assert "/keys" in issuer.asked
                ended.set()

        await middleware({"type": "lifespan"}, receive, send)
        await asyncio.sleep(0)
        assert middleware._upkeep.cancelled()

    asyncio.run(asyncio.wait_for(live(), 20))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
