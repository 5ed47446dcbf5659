"""A real OpenTelemetry collector receives logs, traces and metrics, and is asked for them.

otlp.py PROGRAMS COLLECTOR

SPDX-License-Identifier: Apache-2.0
"""

import json
import sys

from world import check_arrival, eventually, free_port, ids, main

PIPELINES = ("logs", "traces", "metrics")


class Collector:
    def __init__(self, world):
        self.world = world
        self.port = free_port()
        self.config = world.folder / "collector.yaml"
        # JSON is YAML. With `rotation` the exporter writes what it answers and goes on with files.
        self.config.write_text(json.dumps({
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.port}"}}}},
            "exporters": {f"file/{p}": {"path": str(world.folder / f"{p}.jsonl"),
                                        "rotation": {"max_megabytes": 100}} for p in PIPELINES},
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {p: {"receivers": ["otlp"], "exporters": [f"file/{p}"]}
                              for p in PIPELINES}}}))
        self.start()

    def start(self):
        self.daemon = self.world.daemon([sys.argv[2], "--config", f"file:{self.config}"], "collector")
        self.daemon.wait_for_port(self.port)

    def sink(self, *signals):
        return {"collector": {"type": "otlp", "url": f"http://127.0.0.1:{self.port}",
                              "signals": list(signals), "period_ms": 20, "retry_ms": 20,
                              "longest_retry_ms": 200}}

    def lines(self, pipeline):
        path = self.world.folder / f"{pipeline}.jsonl"
        # splitlines() would split at characters that texts of callers may have, such as U+2028.
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.split("\n") if line]

    def records(self):
        for line in self.lines("logs"):
            for resource in line["resourceLogs"]:
                for scope in resource["scopeLogs"]:
                    yield from scope["logRecords"]

    def calls(self):
        """(log, seq, id) of messages, in the order of their arrival."""
        out = []
        for record in self.records():
            body = json.loads(record["body"]["stringValue"])
            if body["kind"] == "call":
                at = attributes(record)
                out.append((at["mcpgov.log.origin"], int(at["mcpgov.seq"]), body["id"]))
        return out


def attributes(record):
    return {a["key"]: next(iter(a["value"].values())) for a in record["attributes"]}


def signals(world):
    """logs, traces and metrics arrive as a collector understands them"""
    collector = Collector(world)
    log = world.fill(50, "ab")
    exporter = world.export(collector.sink("logs", "traces", "metrics"))
    assert exporter.finish()
    check_arrival(collector.calls(), ids("ab", 50))
    kinds = [json.loads(r["body"]["stringValue"])["kind"] for r in collector.records()]
    assert kinds.index("checkpoint") < kinds.index("call"), "a checkpoint goes ahead"
    spans = [span for line in collector.lines("traces") for r in line["resourceSpans"]
             for s in r["scopeSpans"] for span in s["spans"]]
    assert sorted(s["traceId"] for s in spans) == ids("ab", 50)
    assert all(s["kind"] == 2 and s["name"] == "tools/call query_orders" for s in spans), spans[0]
    names = [m["name"] for line in collector.lines("metrics") for r in line["resourceMetrics"]
             for s in r["scopeMetrics"] for m in s["metrics"]]
    assert names == ["mcpgov.test"], names
    assert world.cursor("collector", log) == world.cursor("collector.traces", log) >= 50


def outage(world):
    """10,000 records of two logs during an outage all arrive afterwards, in order, none twice"""
    collector = Collector(world)
    world.fill(10, "aa")
    exporter = world.export(collector.sink("logs"))
    eventually("the first records arrive", lambda: len(collector.calls()) == 10)
    collector.daemon.stop()
    world.fill(5000, "bb")
    world.fill(5000, "cc")
    status = eventually("the outage shows", lambda: (s := exporter.status()["collector"])["retries"]
                        and s["behind_ms"] and s["error"] and s)
    assert status["exporting"]
    collector.start()
    assert exporter.finish()
    wanted = ids("aa", 10) + ids("bb", 5000) + ids("cc", 5000)
    # A batch whose answer the dying collector did not send may have come twice.
    again = check_arrival(collector.calls(), wanted, duplicates=500)
    return f"10,010 arrived, {again} of them twice, none twice by id"


def killed(world):
    """an exporter that is killed is followed by another, which goes on at its place"""
    collector = Collector(world)
    log = world.fill(20000, "dd")
    first = world.export(collector.sink("logs"))
    second = world.export(collector.sink("logs"))
    eventually("some arrive", lambda: world.cursor("collector", log) > 1000)
    first.kill()
    second.kill()
    at = world.cursor("collector", log)
    assert at < 20000
    third = world.export(collector.sink("logs"))
    assert third.finish()
    again = check_arrival(collector.calls(), ids("dd", 20000), duplicates=1000)
    return f"killed at {at} of 20,000, {again} came twice"


if __name__ == "__main__":
    sys.exit(main([signals, outage, killed], "otlp"))
