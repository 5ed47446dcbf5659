"""What a record costs the caller with the audit log of Microsoft's Agent Governance Toolkit (PyPI:
agentmesh-platform), in memory or with its signed file. Driven by benchmarks/audit/compare.py. Prints one
JSON object.

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import sys
import time

from agentmesh.governance.audit import AuditLog
from agentmesh.governance.audit_backends import FileAuditSink

RECORDS = 10_000
DATA = {"issuer": "https://login.example.com/realms/shop", "client": "agent-host",
        "session": "0198f2b4c1d27e55", "server": "shop", "transport": "streamable_http",
        "peer": "10.1.2.3", "protocol": "2026-07-28", "policy": "shop/permit-analysts",
        "snapshot": "12 5e884898da280471", "span": "00f067aa0ba902b7", "latency_ns": 1234567}


def main(directory, kind):
    path = pathlib.Path(directory) / "mcpgov_agt_bench.jsonl"
    path.unlink(missing_ok=True)
    log = AuditLog(sink=FileAuditSink(path, b"k" * 32) if kind == "file" else None)
    samples = []
    for number in range(RECORDS):
        begin = time.perf_counter_ns()
        log.log("tool_invocation", "did:mesh:7c3f1c2e5b7e4f1e9a1f0a2b3c4d5e6f", "tools/call",
                resource="query_orders", data=DATA, policy_decision="allow",
                trace_id="4bf92f3577b34da6a3ce929d0e0e4736")
        samples.append(time.perf_counter_ns() - begin)
    path.unlink(missing_ok=True)
    took = sum(samples) / 1e9
    samples.sort()
    print(json.dumps({"p50_ns": samples[RECORDS // 2], "p99_ns": samples[RECORDS * 99 // 100],
                      "records_per_s": RECORDS / took}))


main(*sys.argv[1:])
