"""OTLP JSON, read by the protocol's own definitions with unknown fields refused.

SPDX-License-Identifier: Apache-2.0
"""

import json

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from conftest import batch

SERVER_CODES_WITHOUT_ERROR = {"-32700", "-32600", "-32601", "-32602", "-32002"}


def hexadecimal_ids(node):
    """Protobuf's JSON has bytes in base64, OTLP its ids in hexadecimal: translated for the reader."""
    import base64
    if isinstance(node, list):
        return [hexadecimal_ids(each) for each in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if key in ("traceId", "spanId", "parentSpanId"):
            assert len(value) == (32 if key == "traceId" else 16) and value.strip("0")
            value = base64.b64encode(bytes.fromhex(value)).decode()
        out[key] = hexadecimal_ids(value)
    return out


def no_enum_names(node, path=""):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("kind", "severityNumber", "code"):
                assert isinstance(value, int), f"{path}.{key} is {value!r}"
            if key.endswith("UnixNano") or key == "intValue":
                assert isinstance(value, str), f"{path}.{key} is no string"
            no_enum_names(value, f"{path}.{key}")
    elif isinstance(node, list):
        for each in node:
            no_enum_names(each, path)


def read(form, message):
    text = json.loads(batch(form))
    no_enum_names(text)
    return json_format.ParseDict(hexadecimal_ids(text), message, ignore_unknown_fields=False)


def attributes(record):
    out = {}
    for each in record.attributes:
        assert each.key not in out, f"{each.key} is there twice"
        kind = each.value.WhichOneof("value")
        assert kind, f"{each.key} has no value"
        out[each.key] = getattr(each.value, kind)
    return out


def records():
    request = read("otlp-logs", ExportLogsServiceRequest())
    assert len(request.resource_logs) == 1 and len(request.resource_logs[0].scope_logs) == 1
    return request, list(request.resource_logs[0].scope_logs[0].log_records)


def spans(form="otlp-traces"):
    request = read(form, ExportTraceServiceRequest())
    return list(request.resource_spans[0].scope_spans[0].spans)


def test_every_event_is_a_log_record_whose_body_is_the_stored_text(events):
    request, logs = records()
    resource = attributes(request.resource_logs[0].resource)
    assert resource["service.name"] == "mcpgov" and resource["host.name"] == "host-7"
    assert resource["deployment.environment.name"] == "test"
    assert request.resource_logs[0].scope_logs[0].scope.name == "mcpgov"
    assert len(logs) == len(events)
    texts = batch("events").decode().splitlines()
    for seq, (log, text, event) in enumerate(zip(logs, texts, events), 1):
        assert log.body.string_value == text
        assert log.event_name == "mcpgov." + event["kind"]
        known = attributes(log)
        assert known["mcpgov.seq"] == seq and known["mcpgov.log.origin"] == "boot-1-uuid"
        if "decision" in event:
            assert known["mcpgov.event.id"] == event["id"]
            assert known["mcpgov.decision"] == event["decision"]["effect"]
            assert known["mcpgov.enforced"] == event["decision"]["enforced"]
            assert known.get("mcp.method.name") == event.get("method")
            assert log.trace_id and log.span_id


def test_calls_and_only_calls_are_spans(events):
    calls = [e for e in events if e["kind"] == "call"]
    made = spans()
    assert len(made) == len(calls)
    for span, event in zip(made, calls):
        sent_by_client = event["direction"] != "from_server"
        assert span.kind == (Span.SPAN_KIND_SERVER if sent_by_client else Span.SPAN_KIND_CLIENT)
        assert span.end_time_unix_nano - span.start_time_unix_nano == event["latency_ns"]
        named = event.get("target_kind") in ("tool", "prompt") and event.get("target")
        assert span.name == event.get("method", "unknown") + (f" {event['target']}" if named else "")
        known = attributes(span)
        if "session" in event:
            assert known["session.id"] == known["mcpgov.session.id"] == event["session"]["id"]
        if event.get("target_kind") == "tool":
            assert known["gen_ai.tool.name"] == event["target"]
        if event.get("method") == "tools/call":
            assert known["gen_ai.operation.name"] == "execute_tool"
        parent = event.get("trace", {}).get("parent_id")
        assert bool(span.parent_span_id) == bool(parent)
        assert bool(span.flags & 0x200) == bool(parent) and span.flags & 0x100


def test_the_status_follows_the_conventions(events):
    for span, event in zip(spans(), [e for e in events if e["kind"] == "call"]):
        known = attributes(span)
        failed = span.status.code == Status.STATUS_CODE_ERROR
        assert span.status.code != Status.STATUS_CODE_OK
        assert failed == ("error.type" in known)
        code = str(event.get("rpc_code", ""))
        assert known.get("rpc.response.status_code", "") == code
        if event["outcome"] == "denied":
            assert known["error.type"] == "mcpgov_denied" and span.status.message
        elif event["outcome"] == "failed" and code:
            own = code in SERVER_CODES_WITHOUT_ERROR and event["direction"] != "from_server"
            assert known.get("error.type") == (None if own else code)
        elif event.get("tool_error"):
            assert known["error.type"] == "tool_error"
        elif event["outcome"] == "completed" and event["decision"]["allowed"]:
            assert not failed


def test_identity_and_content_are_on_spans_only_where_asked_for():
    for span in spans():
        assert not {"user.id", "gen_ai.tool.call.arguments"} & set(attributes(span))
    asked = [attributes(span) for span in spans("otlp-traces+all")]
    assert any("user.id" in known for known in asked)
    assert any("gen_ai.tool.call.arguments" in known for known in asked)
    assert all("gen_ai.tool.call.arguments" not in known for known in asked
               if "gen_ai.tool.name" not in known)


def test_protocols_without_sessions_have_no_protocol_session(events):
    for span, event in zip(spans(), [e for e in events if e["kind"] == "call"]):
        known = attributes(span)
        if event.get("protocol", "") >= "2026-07-28":
            assert "mcp.session.id" not in known
            assert known["network.transport"] == "pipe"
        elif "connection" in event:
            assert known["mcp.session.id"] == event["connection"]


@pytest.mark.parametrize("form", ["otlp-logs", "otlp-traces"])
def test_a_batch_is_one_line_of_an_otlp_file(form):
    assert batch(form).count(b"\n") == 1 and batch(form).endswith(b"\n")
