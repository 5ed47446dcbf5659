"""Splunk's HTTP Event Collector with indexer acknowledgement, by a MOCK: there is no Splunk here.

It follows the documented protocol: an ackId for each request, forgotten once it was told as true,
and 200 for events that are then lost before they are indexed. splunk.py PROGRAMS

SPDX-License-Identifier: Apache-2.0
"""

import http.server
import json
import sys
import threading
import urllib.parse

from world import check_arrival, eventually, ids, main

TOKEN = "11111111-2222-3333-4444-555555555555"


class Mock:
    """lose: how many requests are answered with success and lost. busy: how many get 503."""

    def __init__(self, lose=0, busy=0, acknowledges=True):
        self.lose, self.busy, self.acknowledges = lose, busy, acknowledges
        self.lock = threading.Lock()
        self.indexed, self.waiting, self.next = [], {}, 0
        mock = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with mock.lock:
                    status, answer = mock.answer(self.path, self.headers, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, headers, body):
        if headers.get("Authorization") != f"Splunk {TOKEN}":
            return 403, {"text": "Invalid token", "code": 4}
        url = urllib.parse.urlsplit(path)
        if url.path == "/services/collector/ack":
            channel = urllib.parse.parse_qs(url.query)["channel"][0]
            return 200, {"acks": {str(a): self.acknowledge(channel, a)
                                  for a in json.loads(body)["acks"]}}
        assert url.path == "/services/collector/event", url.path
        if self.busy:
            self.busy -= 1
            return 503, {"text": "Server is busy", "code": 9}
        channel = headers.get("X-Splunk-Request-Channel")
        events = list(objects(body.decode()))
        if not self.acknowledges:
            self.indexed += events
            return 200, {"text": "Success", "code": 0}
        self.next += 1
        lost = self.lose > 0
        self.lose -= 1 if lost else 0
        self.waiting[channel, self.next] = None if lost else events
        return 200, {"text": "Success", "code": 0, "ackId": self.next}

    def acknowledge(self, channel, number):
        """Indexes what the request brought; true is said once."""
        events = self.waiting.get((channel, number))
        if events is None:
            return False
        del self.waiting[channel, number]
        self.indexed += events
        return True

    def calls(self):
        with self.lock:
            events = [e for e in self.indexed if e["event"].get("kind") == "call"]
        assert all(e["source"] == "mcpgov" and e["sourcetype"] == "mcpgov:audit" for e in events)
        return [(e["event"]["log"], e["event"]["seq"], e["event"]["id"]) for e in events]

    def sink(self, **more):
        return {"splunk": {"type": "splunk_hec", "url": f"http://127.0.0.1:{self.port}",
                           "token": {"env": "HEC_TOKEN"}, "period_ms": 20, "retry_ms": 20,
                           "longest_retry_ms": 200, **more}}


def objects(text):
    """Concatenated JSON, as HEC takes it."""
    decoder = json.JSONDecoder()
    text = text.strip()
    while text:
        one, end = decoder.raw_decode(text)
        yield one
        text = text[end:].lstrip()


def acknowledged(world):
    """mock of Splunk: the cursor moves when the indexers have acknowledged, and busy is not lost"""
    mock = Mock(busy=2)
    log = world.fill(2000, "ab")
    exporter = world.export(mock.sink())
    assert exporter.finish()
    check_arrival(mock.calls(), ids("ab", 2000))
    assert world.cursor("splunk", log) >= 2000


def lost(world):
    """mock of Splunk: events that were accepted and lost before indexing come again"""
    mock = Mock(lose=2)
    world.fill(2000, "ab")
    exporter = world.export(mock.sink(acknowledge_ms=1000))
    assert exporter.finish()
    again = check_arrival(sorted(mock.calls(), key=lambda c: c[1]), ids("ab", 2000), 2000)
    return f"2,000 arrived, {again} of them twice"


def unacknowledged(world):
    """mock of Splunk: a token without acknowledgement is told, unless the settings expect it"""
    mock = Mock(acknowledges=False)
    log = world.fill(10, "ab")
    exporter = world.export(mock.sink())
    eventually("it is told", lambda: "acknowledgement" in exporter.status()["splunk"]["error"])
    exporter.kill()
    assert world.cursor("splunk", log) == 0
    exporter = world.export(mock.sink(acknowledged=False))
    assert exporter.finish()
    check_arrival(mock.calls(), ids("ab", 10), duplicates=10000)


if __name__ == "__main__":
    import os
    os.environ["HEC_TOKEN"] = TOKEN
    sys.exit(main([acknowledged, lost, unacknowledged], "splunk"))
