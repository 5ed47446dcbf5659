"""Metrics: read by Prometheus' own parser, and OTLP by the protocol's definitions.

SPDX-License-Identifier: Apache-2.0
"""

import json
import shutil
import subprocess

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from conftest import batch

BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]


def families():
    return {f.name: f for f in text_string_to_metric_families(batch("metrics").decode())}


def test_prometheus_reads_every_line(events):
    read = families()
    counts = [s for s in read["mcp_server_operation_duration_seconds"].samples +
              read["mcp_client_operation_duration_seconds"].samples if s.name.endswith("_count")]
    assert sum(s.value for s in counts) == sum(e["kind"] == "call" for e in events)
    assert read["mcpgov_audit_records_lost"].samples[0].value == 2
    assert {s.labels["state"]: s.value for s in read["mcpgov_audit_state"].samples} == {
        "healthy": 0, "degraded": 1, "failed": 0}
    assert read["mcpgov_audit_stalled_seconds"].samples[0].value == 1.5
    for family in read.values():
        assert family.documentation


def test_the_buckets_are_those_of_the_conventions_and_only_grow():
    series = {}
    for s in families()["mcp_server_operation_duration_seconds"].samples:
        if s.name.endswith("_bucket"):
            key = tuple(sorted((k, v) for k, v in s.labels.items() if k != "le"))
            series.setdefault(key, []).append((float(s.labels["le"]), s.value))
    assert series
    for points in series.values():
        assert [le for le, _ in points] == [*map(float, BOUNDS), float("inf")]
        values = [value for _, value in points]
        assert values == sorted(values)


def test_labels_tell_no_caller_session_tenant_or_policy_apart():
    text = batch("metrics").decode()
    for never in ("00u1abcd", "0197f2b4", "acme", "permit-report-writers", "10.1.2.80"):
        assert never not in text


def test_promtool_finds_nothing():
    if not shutil.which("promtool"):
        pytest.skip("promtool (Debian package prometheus) is not installed")
    done = subprocess.run(["promtool", "check", "metrics"], input=batch("metrics"),
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()


def test_otlp_is_what_the_protocol_defines():
    text = json.loads(batch("otlp-metrics"))
    request = json_format.ParseDict(text, ExportMetricsServiceRequest(), ignore_unknown_fields=False)
    metrics = {m.name: m for m in request.resource_metrics[0].scope_metrics[0].metrics}
    durations = metrics["mcp.server.operation.duration"]
    assert durations.unit == "s" and durations.histogram.data_points
    for point in durations.histogram.data_points:
        assert list(point.explicit_bounds) == BOUNDS
        assert len(point.bucket_counts) == len(BOUNDS) + 1
        assert sum(point.bucket_counts) == point.count
    assert metrics["mcpgov.audit.records.lost"].sum.is_monotonic
    assert metrics["mcpgov.audit.records.lost"].sum.data_points[0].as_int == 2
