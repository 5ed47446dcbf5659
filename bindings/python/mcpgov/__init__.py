"""Who is calling an MCP server, may they, and what happened.

    governor = mcpgov.Governor.open("mcpgov.yaml")
    session = governor.session(server="payments", transport="streamable_http")
    for verdict in session.receive(body, method="POST", headers=headers, caller=caller):
        if not verdict.allowed:
            return respond(verdict.denial)
        reply = session.reply(verdict)
        ...

SPDX-License-Identifier: Apache-2.0
"""

from ._core import (
    Answer,
    Caller,
    Denial,
    Error,
    Generation,
    Governor,
    Message,
    Reply,
    Session,
    Step,
    Verdict,
    Verdicts,
    __version__,
    code_sentence,
)

__all__ = [
    "Answer",
    "Caller",
    "Denial",
    "Error",
    "Generation",
    "Governor",
    "Message",
    "Reply",
    "Session",
    "Step",
    "Verdict",
    "Verdicts",
    "__version__",
    "code_sentence",
]
