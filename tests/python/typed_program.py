"""A small host, checked by mypy --strict against the stubs of the module.

SPDX-License-Identifier: Apache-2.0
"""

from collections.abc import Callable

import mcpgov


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
