"""A webhook's receiver checks each batch with the published library of Standard Webhooks.

webhook.py PROGRAMS; skipped where the package `standardwebhooks` is not installed.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import http.server
import json
import sys
import threading

from world import Skip, check_arrival, ids, main

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class Receiver:
    """Takes a batch once: what comes again under the same id gets 409. fails: how many requests are
    taken, and answered with 500 all the same."""

    def __init__(self, fails=0):
        try:
            from standardwebhooks.webhooks import Webhook
        except ImportError:
            raise Skip("the Python package standardwebhooks is not installed") from None
        self.events, self.seen, self.again, self.wrong = [], set(), 0, []
        receiver, checker = self, Webhook(SECRET)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                nonlocal fails
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 204
                try:
                    checker.verify(body, dict(self.headers))
                except Exception as error:  # whatever the library says
                    receiver.wrong.append(repr(error))
                if self.headers["webhook-id"] in receiver.seen:
                    status, receiver.again = 409, receiver.again + 1
                else:
                    receiver.seen.add(self.headers["webhook-id"])
                    receiver.events += json.loads(body)
                    if fails:
                        fails, status = fails - 1, 500
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def signed(world):
    """webhook: the published library accepts every signature, and a batch that came counts once"""
    receiver = Receiver(fails=3)
    (world.folder / "secret").write_text(SECRET)
    world.fill(2000, "ab")
    exporter = world.export({"hook": {
        "type": "webhook", "url": f"http://127.0.0.1:{receiver.port}/in", "retry_ms": 20,
        "secret": {"file": str(world.folder / "secret")}, "longest_retry_ms": 100,
        "period_ms": 20}})
    assert exporter.finish()
    assert not receiver.wrong, receiver.wrong[0]
    assert receiver.again == 3, receiver.again
    calls = [(e["log"], e["seq"], e["event"]["id"]) for e in receiver.events
             if e["event"]["kind"] == "call"]
    check_arrival(calls, ids("ab", 2000))


if __name__ == "__main__":
    sys.exit(main([signed], "webhook"))
