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
    Check,
    Denial,
    Error,
    Fetch,
    Generation,
    Governor,
    Identification,
    Message,
    Reply,
    Session,
    Sinks,
    Step,
    Verdict,
    Verdicts,
    Verifier,
    __version__,
    code_sentence,
)

__all__ = [
    "Answer",
    "Caller",
    "Check",
    "Denial",
    "Error",
    "Fetch",
    "Generation",
    "Governor",
    "Identification",
    "Message",
    "Reply",
    "Session",
    "Sinks",
    "Step",
    "Verdict",
    "Verdicts",
    "Verifier",
    "__version__",
    "code_sentence",
    "complete",
]


async def complete(session, verdict, *, within=5.0):
    """Runs the fetches that a verdict waits for, and waits for its record; the whole of
    mcpgov.fetch when first needed."""
    from . import fetch  # pylint: disable=import-outside-toplevel

    return await fetch.complete(session, verdict, within=within)
