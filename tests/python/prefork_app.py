"""A WSGI application whose governor is opened before its server forks the workers.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os

import mcpgov

governor = mcpgov.Governor.open(os.environ["MCPGOV_CONFIGURATION"])


def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    session = governor.session(server="shop")
    (verdict,) = session.receive(body)
    told = {"process": os.getpid(), "allowed": verdict.allowed, "record": verdict.record_id,
            "reason": verdict.reason}
    if verdict.allowed:
        reply = session.reply(verdict)
        reply.feed(b'{"jsonrpc":"2.0","id":%d,"result":{"content":[]}}'
                   % json.loads(body)["id"])
        reply.end()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]
