"""A real Prometheus scrapes the metrics of a log, and is asked for them.

prometheus.py PROGRAMS

SPDX-License-Identifier: Apache-2.0
"""

import http.server
import json
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

from world import LONG, eventually, free_port, main, need


def serve(text):
    """What a host's /metrics answers."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def scraped(world):
    """Prometheus scrapes the metrics of a log and knows its counts"""
    program = need("prometheus")
    metrics = world.folder / "metrics"
    subprocess.run([world.programs / "sinks_fill", world.logs, "300", "ab", metrics], check=True,
                   stdout=subprocess.DEVNULL, timeout=LONG)
    host, port = serve(metrics.read_bytes()), free_port()
    config = world.folder / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": [{  # JSON is YAML
        "job_name": "mcpgov", "scrape_interval": "1s", "scrape_timeout": "1s",
        "static_configs": [{"targets": [f"127.0.0.1:{host}"]}]}]}))
    daemon = world.daemon([program, f"--config.file={config}", f"--storage.tsdb.path={world.folder}/db",
                           f"--web.listen-address=127.0.0.1:{port}"], "prometheus")
    daemon.wait_for_port(port)

    def ask(query):
        url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(query)}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return [float(r["value"][1]) for r in json.load(answer)["data"]["result"]]

    eventually("it is scraped", lambda: ask("up") == [1.0])
    eventually("decisions", lambda: ask("sum(mcpgov_decisions_total)") == [300.0])
    assert ask('sum(mcpgov_decisions_total{effect="deny"})') == [100.0]
    assert ask("sum(mcp_server_operation_duration_seconds_count)") == [300.0]
    assert ask("mcpgov_audit_records_lost_total") == [0.0]


if __name__ == "__main__":
    sys.exit(main([scraped], "prometheus"))
