"""A small host, checked by mypy --strict against the stubs of the module.

SPDX-License-Identifier: Apache-2.0
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import mcpgov
from mcpgov import asgi, fetch

Event = MutableMapping[str, Any]


def serve(session: mcpgov.Session, body: bytes, run_tool: Callable[[bytes], bytes]) -> bytes:
    out = b""
    for verdict in session.receive(body, method="POST", headers={"a": "b"}, peer="192.0.2.7"):
        if verdict.allowed:
            reply = session.reply(verdict, format="json")
            out += reply.feed(run_tool(verdict.message.bytes)) + reply.end()
        elif verdict.pending:
            answers = [mcpgov.Answer(number=step.number, granted=True, by="ann")
                       for step in verdict.pending]
            out += session.resume(verdict, answers).denial.body
        else:
            out += verdict.denial.body
    return out


def start(path: str) -> mcpgov.Session:
    lines: list[bytes] = []
    try:
        governor = mcpgov.Governor.open(path, sink=lines.append)
    except mcpgov.Error as error:
        raise SystemExit(f"{error.file}:{error.line}: {error.name}") from error
    ann = mcpgov.Caller(kind="user", issuer="idp", subject="ann", roles=["analyst"])
    return governor.session(server="shop", transport="streamable_http", caller=ann)


async def whose(governor: mcpgov.Governor, token: str) -> str:
    verifier = governor.verifier()
    await fetch.settle(verifier)
    found = verifier.identify({"authorization": f"Bearer {token}"}, peer="192.0.2.7")
    if found.caller is None:
        return f"{found.http_status} {found.challenge}"
    return f"{found.caller.issuer} {found.caller.subject} {','.join(found.caller.scopes)}"


async def decide(session: mcpgov.Session, body: bytes) -> mcpgov.Verdict:
    verdict = await mcpgov.complete(session, session.receive(body, certificate=b"")[0])
    for step in verdict.pending:
        if step.fetch is not None and not step.fetch.secret:
            print(step.fetch.url, fetch.run(step.fetch).status)
    return verdict


async def application(scope: Event, receive: Callable[[], Awaitable[Event]],
                      send: Callable[[Event], Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})


def behind(governor: mcpgov.Governor) -> asgi.Middleware:
    return asgi.Middleware(application, governor, server="shop", tools=lambda: "[]")
