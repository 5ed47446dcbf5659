"""Lines for SIEMs: syslog and CEF read by parsers of other projects, OCSF by a table of its schema.

SPDX-License-Identifier: Apache-2.0
"""

import json

import pycef
import pytest
from syslog_rfc5424_parser import SyslogMessage

from conftest import batch


def frames(text):
    """RFC 6587, octet counting."""
    out = []
    while text:
        size, _, text = text.partition(b" ")
        out.append(text[:int(size)])
        assert len(out[-1]) == int(size)
        text = text[int(size):]
    return out


@pytest.mark.parametrize("form", ["syslog", "syslog+all"])
def test_syslog_is_read_by_another_parser(form, events):
    messages = frames(batch(form))
    assert len(messages) == len(events)
    for seq, (message, event) in enumerate(zip(messages, events), 1):
        assert len(message) <= 8192
        if b'\\\\" ' in message.split(b"] ")[0]:
            continue  # values that end with a backslash: this parser takes `\\"` for a quote
        read = SyslogMessage.parse(message.decode())
        assert read.appname == "mcpgov" and read.msgid == event["kind"]
        assert read.hostname == "host-7" and read.version == 1
        data = read.sd["mcpgov@32473"]
        assert list(read.sd) == ["mcpgov@32473"] and data["seq"] == str(seq)
        if "decision" in event:
            assert data["decision"] == event["decision"]["effect"]
            assert data["id"] == event["id"]
        body = read.msg.removeprefix("\ufeff")
        if form == "syslog":
            whole = json.loads(body)
            assert whole["id" if "id" in event else "kind"] == event.get("id", event["kind"])
            if "cut" not in data:
                assert {k: v for k, v in whole.items() if k not in ("log", "seq")} == event
        else:
            assert body.startswith("CEF:0|mcpgov|mcpgov|")


def test_cef_is_read_by_another_parser(events):
    lines = batch("cef").decode().splitlines()
    assert len(lines) == len(events)
    for seq, (line, event) in enumerate(zip(lines, events), 1):
        read = pycef.parse(line)
        assert read["DeviceVendor"] == "mcpgov" and read["DeviceProduct"] == "mcpgov"
        assert read["mcpgovSeq"] == str(seq)
        if "decision" in event:
            assert read["externalId"] == event["id"]
            assert read["act"] == ("allow" if event["decision"]["allowed"] else "deny")
            assert read["decision"] == event["decision"]["effect"]


# Members of OCSF's class 6003 with the profiles ai_operation, security_control and trace
# (ocsf-schema, events/application/api_activity.json and objects/), as far as they are used.
ENTITY = {"name", "uid"}
OBJECTS = {
    "": {"metadata", "category_uid", "category_name", "class_uid", "class_name", "activity_id",
         "activity_name", "type_uid", "severity_id", "severity", "time", "status_id", "status",
         "status_code", "status_detail", "action_id", "action", "disposition_id", "disposition",
         "authorizations", "is_alert", "actor", "message_context", "api", "src_endpoint",
         "dst_endpoint", "resources", "trace", "unmapped"},
    "metadata": {"version", "product", "profiles", "uid", "correlation_uid", "event_code",
                 "sequence", "tenant_uid", "log_name", "is_truncated"},
    "metadata.product": ENTITY | {"vendor_name", "version", "feature"},
    "metadata.product.feature": ENTITY | {"version"},
    "actor": {"user", "session", "app_name", "app_uid"},
    "actor.user": ENTITY | {"type_id", "type", "domain"},
    "actor.session": {"uid", "issuer"},
    "authorizations": {"decision", "policy"},
    "authorizations.policy": ENTITY | {"version", "is_applied", "type"},
    "api": {"operation", "service", "request", "response"},
    "api.service": ENTITY | {"version"},
    "api.request": {"uid", "data"},
    "api.response": {"code", "message", "error", "data"},
    "src_endpoint": ENTITY | {"ip", "svc_name"},
    "dst_endpoint": ENTITY | {"svc_name"},
    "resources": ENTITY | {"type"},
    "message_context": ENTITY | {"ai_role_id", "ai_role", "service", "application"},
    "message_context.service": ENTITY | {"version"},
    "trace": {"uid", "span"},
    "trace.span": {"uid", "parent_uid", "start_time", "end_time", "duration", "operation"},
    "ai_agent": ENTITY | {"instance_uid"},
}
REQUIRED = {
    "": {"activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata",
         "actor", "api", "src_endpoint"},
    "metadata": {"version", "product"},
    "api": {"operation"}, "api.request": {"uid"}, "trace": {"uid"},
    "trace.span": {"uid", "start_time", "end_time"}, "ai_agent": {"uid"},
}
ONE_OF = {
    "actor": {"user", "session", "app_name", "app_uid"},
    "src_endpoint": {"ip", "uid", "name", "svc_name"},
    "authorizations.policy": {"name", "uid", "type"},
    "message_context": {"application", "service"},
    "resources": {"name", "uid"},
}
OPEN = {"unmapped", "api.request.data", "api.response.data", "metadata.profiles"}


def walk(node, path, known):
    if isinstance(node, list):
        for each in node:
            walk(each, path, known)
    elif isinstance(node, dict) and path not in OPEN:
        assert set(node) <= known[path], f"{path}: {set(node) - known[path]}"
        assert REQUIRED.get(path, set()) <= set(node), path
        assert path not in ONE_OF or ONE_OF[path] & set(node), path
        for key, value in node.items():
            assert value is not None and value != {}, f"{path}.{key}"
            walk(value, f"{path}.{key}".lstrip("."), known)


@pytest.mark.parametrize("form,version", [("ocsf", "1.8.0"), ("ocsf+all", "1.9.0-dev")])
def test_ocsf_has_only_members_of_the_class_and_all_it_requires(form, version, events):
    known = dict(OBJECTS)
    if version != "1.8.0":
        known[""] = known[""] | {"ai_agent"}
    lines = batch(form).decode().splitlines()
    assert len(lines) == len(events)
    for line in lines:
        event = json.loads(line)
        walk(event, "", known)
        assert event["metadata"]["version"] == version
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert ("message_context" in event) == ("ai_operation" in event["metadata"]["profiles"])
        assert ("trace" in event) == ("trace" in event["metadata"]["profiles"])
