"""observability/otel-collector.yaml in a collector of the components that it names.

ready_made.py PROGRAMS COLLECTOR

SPDX-License-Identifier: Apache-2.0
"""

import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.request

from otlp import Collector
from world import LONG, check_arrival, eventually, free_port, ids, main

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "observability/otel-collector.yaml"


class ReadyMade(Collector):
    """Ports are free ones and traces are decided upon sooner; all else is as it is shipped."""

    def __init__(self, world):
        self.world, self.port, self.scrape = world, free_port(), free_port()
        self.here = world.folder / "here.yaml"
        self.here.write_text(json.dumps({  # JSON is YAML
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.port}"}}}},
            "processors": {"tail_sampling": {"decision_wait": "1s"}},
            "exporters": {"prometheus": {"endpoint": f"127.0.0.1:{self.scrape}"}},
            "service": {"telemetry": {"metrics": {"level": "none"}}}}))
        self.start()

    def start(self):
        environment = {**os.environ,
                       "MCPGOV_COLLECTED": str(self.world.folder / "logs.jsonl"),
                       "MCPGOV_COLLECTED_SPANS": str(self.world.folder / "traces.jsonl")}
        self.daemon = self.world.daemon([sys.argv[2], "--config", f"file:{SHIPPED}",
                                         "--config", f"file:{self.here}"], "collector",
                                        env=environment)
        self.daemon.wait_for_port(self.port)

    def post(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/{path}", body,
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=LONG) as answer:
            assert not json.load(answer).get("partialSuccess")

    def spans(self):
        return [span for line in self.lines("traces") for r in line["resourceSpans"]
                for s in r["scopeSpans"] for span in s["spans"]]

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.scrape}/metrics", timeout=5) as answer:
            return answer.read().decode()


def samples(world, form):
    done = subprocess.run([world.programs / "observability_samples", form], capture_output=True,
                          timeout=LONG, check=True)
    return done.stdout


def accepted(world):
    """`validate` accepts the file as it is shipped, and refuses it with a wrong word in it"""
    def validate(path):
        return subprocess.run([sys.argv[2], "validate", "--config", f"file:{path}"],
                              capture_output=True, text=True, timeout=LONG, check=False)

    done = validate(SHIPPED)
    assert done.returncode == 0, done.stderr
    shipped = SHIPPED.read_text()
    for word, wrong in (("  memory_limiter:", "  memory_limits:"),
                        ("status_codes:", "status_code:"),
                        ("max_backups: 0", "max_backup: 0"),
                        ("exporters: [file/audit]", "exporters: [file/audits]")):
        assert shipped.count(word) == 1, word
        copy = world.folder / "wrong.yaml"
        copy.write_text(shipped.replace(word, wrong))
        assert validate(copy).returncode != 0, f"{wrong} was accepted"


def kept(world):
    """records that were answered outlive a collector that is killed, and its successor's start"""
    collector = ReadyMade(world)
    world.fill(300, "ab")
    assert world.export(collector.sink("logs")).finish()
    collector.daemon.stop(signal.SIGKILL)
    check_arrival(collector.calls(), ids("ab", 300))
    collector.start()
    world.fill(20, "cd")
    assert world.export(collector.sink("logs")).finish()
    check_arrival(collector.calls(), ids("ab", 300) + ids("cd", 20))


def sampled(world):
    """of spans all failed and denied ones stay, and some of the others"""
    collector = ReadyMade(world)
    request = json.loads(samples(world, "otlp-traces"))
    spans = request["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans += [json.loads(json.dumps(span)) for span in spans for _ in range(4)]
    wanted = set()
    for number, span in enumerate(spans):  # sampling is by trace, and samples share theirs
        span["traceId"] = hashlib.sha256(str(number).encode()).hexdigest()[:32]
        effect = [a["value"] for a in span["attributes"] if a["key"] == "mcpgov.decision"]
        if span["status"].get("code") == 2 or effect == [{"stringValue": "deny"}]:
            wanted.add(span["traceId"])
    collector.post("traces", json.dumps(request).encode())

    def arrived():
        return {span["traceId"] for span in collector.spans()}

    eventually("the wanted ones arrive", lambda: wanted <= arrived())
    others, could = len(arrived() - wanted), len(spans) - len(wanted)
    assert 0 < others < could / 3, f"{others} of {could}"
    return f"{len(wanted)} wanted ones and {others} of {could} others"


def plain(value):
    """A label's value: our text has `\\u2028` for what acts on a terminal, a collector itself."""
    value = value.replace("\\n", "\n")
    return re.sub(r"\\\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), value)


def series(text):
    """{(name, labels): value} of Prometheus' text, without the labels that a collector adds."""
    out = {}
    for line in text.split("\n"):  # names may have what splitlines() takes for an end
        if not line or line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
        known = frozenset((k, str(float(v)) if k == "le" else plain(v)) for k, v in pairs
                          if k not in ("job", "instance") and not k.startswith("otel_scope_"))
        out[name, known] = float(value)
    return out


def scraped(world):
    """metrics that came as OTLP are served as the library's own text has them"""
    collector = ReadyMade(world)
    collector.post("metrics", samples(world, "otlp-metrics"))
    own = series(samples(world, "metrics").decode())
    served = eventually("they are served", lambda: series(collector.metrics()))
    served = {key: value for key, value in served.items() if key[0] != "target_info"}
    assert own.keys() == served.keys(), sorted(map(str, own.keys() ^ served.keys()))[:10]
    wrong = [key for key in own if abs(own[key] - served[key]) > 1e-9 * abs(own[key])]
    assert not wrong, wrong[:5]
    return f"{len(own)} series"


if __name__ == "__main__":
    sys.exit(main([accepted, kept, sampled, scraped], "ready-made"))
