// OpenTelemetry, OCSF, ECS and ToolHive: the members that their readers require, and their values
// for each kind of event. Their own schemas judge them in tests/observability.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "audit/project/otlp.hpp"
#include "audit/project/samples.hpp"

namespace mcpgov::audit {
namespace {

using nlohmann::json;
using Append = bool (*)(std::string&, const ParsedEvent&, const ProjectionSettings&);

json form(Append append, const std::string& text, const ProjectionSettings& settings = {}) {
  EventParser parser;
  ParsedEvent event;
  REQUIRE(parser.parse(text, event) == ErrorCode::none);
  event.log = "boot-1";
  event.seq = 5;
  std::string out;
  return append(out, event, settings) ? json::parse(out) : json();
}

std::string sample(std::string_view wanted) {
  for (const std::string& text : test::sample_events()) {
    if (text.find(wanted) != std::string::npos) return text;
  }
  FAIL("there is no such sample");
  return {};
}

const char* const kDenied = R"("reason":"policy_forbidden")";
const char* const kObserved = R"("enforced":false)";

TEST_CASE("shapes: seconds are exact") {
  CHECK(seconds_text(0) == "0.000000000");
  CHECK(seconds_text(8200) == "0.000008200");
  CHECK(seconds_text(13'000'000'001) == "13.000000001");
}

TEST_CASE("shapes: every event has what OCSF requires of API Activity, and agrees with itself") {
  for (const bool newest : {false, true}) {
    ProjectionSettings settings;
    settings.ocsf = newest ? OcsfVersion::v1_9_0_dev : OcsfVersion::v1_8_0;
    for (const std::string& text : test::sample_events()) {
      CAPTURE(text);
      const json ocsf = form(append_ocsf, text, settings);
      for (const char* const name :
           {"activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time",
            "metadata", "actor", "api", "src_endpoint"}) {
        CAPTURE(std::string(name));
        CHECK(ocsf.contains(name));
      }
      CHECK(ocsf["class_uid"] == 6003);
      CHECK(ocsf["type_uid"] == 600300 + ocsf["activity_id"].get<int>());
      CHECK(ocsf["metadata"]["version"] == (newest ? "1.9.0-dev" : "1.8.0"));
      CHECK(ocsf["metadata"]["product"].contains("name"));
      CHECK_FALSE(ocsf["actor"].empty());
      CHECK(ocsf["api"].contains("operation"));
      CHECK_FALSE(ocsf["src_endpoint"].empty());
      if (ocsf["api"].contains("request")) CHECK(ocsf["api"]["request"].contains("uid"));
      CHECK((newest || !ocsf.contains("ai_agent")));
      if (ocsf.contains("trace") && ocsf["trace"].contains("span")) {
        CHECK(ocsf["trace"]["span"].contains("start_time"));
        CHECK(ocsf["trace"]["span"]["end_time"] >= ocsf["trace"]["span"]["start_time"]);
      }
      for (const json& each : ocsf.value("authorizations", json::array())) {
        CHECK(each["decision"].is_string());
      }
    }
  }
}

TEST_CASE("shapes: what OCSF says of an allowed, a denied, an observed and a lost event") {
  struct Case {
    std::string text;
    int action, disposition, severity, status;
  };
  const Case cases[] = {
      {test::usual_event(), 1, 1, 1, 1},
      {sample(kDenied), 2, 2, 4, 2},
      {sample(kObserved), 3, 15, 1, 1},
      {sample(R"("outcome":"pending")"), 2, 14, 1, 0},
      {sample(R"("approver":"olga")"), 1, 8, 1, 1},
      {sample(R"("items_removed":4)"), 4, 11, 1, 1},
      {sample(R"("kind":"loss")"), 0, 0, 5, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const json ocsf = form(append_ocsf, c.text);
    CHECK(ocsf.value("action_id", 0) == c.action);
    CHECK(ocsf.value("disposition_id", 0) == c.disposition);
    CHECK(ocsf["severity_id"] == c.severity);
    CHECK(ocsf["status_id"] == c.status);
  }
  CHECK(form(append_ocsf, sample(kDenied))["activity_id"] == 4);
}

TEST_CASE("shapes: ECS names who, what and how it ended") {
  const json usual = form(append_ecs, test::usual_event());
  CHECK(usual["@timestamp"] == "2026-11-20T07:23:00.123456Z");
  CHECK(usual["event"]["type"] == json::parse(R"(["access","allowed"])"));
  CHECK(usual["event"]["outcome"] == "success");
  CHECK(usual["event"]["duration"] == 13'000'000);
  CHECK(usual["event"]["sequence"] == 5);
  CHECK(usual["user"]["id"] == "00u1abcd");
  CHECK(usual["rule"]["id"][0] == "permit-report-writers");
  CHECK(usual["gen_ai.tool.name"] == "write_file");
  const json denied = form(append_ecs, sample(kDenied));
  CHECK(denied["event"]["type"][1] == "denied");
  CHECK(denied["event"]["outcome"] == "failure");
  CHECK(denied["event"]["reason"] == "policy_forbidden");
  CHECK(denied["error"]["type"] == "mcpgov_denied");
  CHECK(form(append_ecs, sample(R"("outcome":"unknown")"))["event"]["outcome"] == "unknown");
  CHECK(form(append_ecs, sample(R"("kind":"loss")"))["event"]["kind"] == "alert");
}

TEST_CASE("shapes: ToolHive's readers find their members in their order") {
  const std::string text = [] {
    EventParser parser;
    ParsedEvent event;
    const std::string usual = test::usual_event();
    REQUIRE(parser.parse(usual, event) == ErrorCode::none);
    std::string out;
    CHECK(append_toolhive(out, event, {}));
    return out;
  }();
  CHECK(text ==
        R"({"time":"2026-11-20T07:23:00.136Z","level":"AUDIT","msg":"audit_event",)"
        R"("audit_id":"01234567-89ab-cdef-0123-456789abcdef","type":"mcp_tool_call",)"
        R"("logged_at":"2026-11-20T07:23:00.136Z","outcome":"success","component":"filesystem",)"
        R"("source":{"type":"network","value":"10.1.2.80"},"subjects":{"user":"00u1abcd",)"
        R"("user_id":"00u1abcd","client_name":"claude-desktop","client_version":"1.2.3"},)"
        R"("delegation":{"chain":[{"iss":"https://as.example.com","sub":"report-writer"},)"
        R"({"iss":"spiffe://acme.example","sub":"spiffe://acme.example/w"}],"truncated":false,)"
        R"("omitted":0,"malformed":false},"target":{"method":"tools/call","name":"write_file",)"
        R"("type":"tool"},"metadata":{"extra":{"duration_ms":13,"transport":"http",)"
        R"("response_size_bytes":127,"backend_name":"filesystem"}},"data":{"request":)"
        R"({"path":"/srv/reports/q3.md","content":{"$redacted":"names","len":9}},"response":)"
        R"({"content":[{"type":"text","text":"done"}]}}})");
  struct Case {
    const char* sample;
    const char* type;
    const char* outcome;
  };
  const Case cases[] = {
      {kDenied, "mcp_tool_call", "denied"},
      {R"("outcome":"pending")", "mcp_tool_call", "denied"},
      {R"("rpc_code":-32000)", "mcp_tool_call", "application_error"},
      {R"("tool_error":true)", "mcp_tool_call", "failure"},
      {R"("outcome":"unknown")", "mcp_tool_call", "error"},
      {R"("method":"prompts/get")", "mcp_prompt_get", "success"},
      {R"("method":"vendor/own")", "mcp_request", "success"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.sample));
    const json line = form(append_toolhive, sample(c.sample));
    CHECK(line["type"] == c.type);
    CHECK(line["outcome"] == c.outcome);
  }
  CHECK(form(append_toolhive, sample(R"("kind":"intent")")).is_null());
}

TEST_CASE("shapes: a message without a valid trace is a trace of its own") {
  const json span = form(append_otlp_span, sample("ffffffffffffffff0000000000000001"));
  CHECK(span["traceId"] == "ffffffffffffffff0000000000000001");
  CHECK(span["spanId"] == "0000000000000001");
  CHECK_FALSE(span.contains("parentSpanId"));
  CHECK(span["flags"] == 0x100);
  for (const char* const wrong : {"00000000000000000000000000000000", "XYZ", "0AF7651916CD43DD"}) {
    std::string text = test::usual_event();
    text.replace(text.find("0af7651916cd43dd8448eb211c80319c"), 32, wrong);
    CHECK(form(append_otlp_span, text)["traceId"] == "0123456789abcdef0123456789abcdef");
  }
  std::string text = test::usual_event();
  text.replace(text.find("00f067aa0ba902b7"), 16, "0000000000000000");
  text.replace(text.find("0123456789abcdef0123456789abcdef"), 32, "not hexadecimal");
  CHECK(form(append_otlp_span, text).is_null());
}

TEST_CASE("shapes: a span says whether its parent is remote, and that it was sampled") {
  const json child = form(append_otlp_span, test::usual_event());
  CHECK(child["parentSpanId"] == "b7ad6b7169203331");
  CHECK(child["flags"] == 0x301);
  CHECK(form(append_otlp_span, sample(R"("approver":"olga")"))["flags"] == 0x101);
}

TEST_CASE("shapes: protocols have sessions up to 2025-11-25") {
  const auto session = [](std::string_view protocol, std::string_view source) {
    ParsedEvent event;
    event.protocol = protocol;
    event.session = "s";
    event.session_source = source;
    return std::string(protocol_session(event));
  };
  CHECK(session("2025-11-25", "claim") == "s");
  CHECK(session("", "protocol") == "s");
  CHECK(session("2026-07-28", "claim").empty());
  CHECK(session("2027-01-01", "claim").empty());
  // An agent's session that somebody vouches for is none of the protocol's.
  CHECK(session("2025-11-25", "token").empty());
}

TEST_CASE("shapes: why a message failed") {
  const auto type = [](const std::string& text) {
    EventParser parser;
    ParsedEvent event;
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    std::string digits;
    return std::string(error_type(event, digits));
  };
  CHECK(type(test::usual_event()).empty());
  CHECK(type(sample(kDenied)) == "mcpgov_denied");
  CHECK(type(sample(kObserved)).empty());
  CHECK(type(sample(R"("outcome":"withheld")")) == "mcpgov_withheld");
  CHECK(type(sample(R"("outcome":"abandoned")")) == "mcpgov_abandoned");
  CHECK(type(sample(R"("outcome":"pending")")).empty());
  CHECK(type(sample(R"("outcome":"cancelled")")).empty());
  CHECK(type(sample(R"("outcome":"unknown")")) == "_OTHER");
  CHECK(type(sample(R"("outcome":"failed","latency)")) == "_OTHER");
  CHECK(type(sample(R"("rpc_code":-32602)")).empty());
  CHECK(type(sample(R"("rpc_code":-32000)")) == "-32000");
  CHECK(type(sample(R"("sampling/createMessage")")) == "-32602");
  CHECK(type(sample(R"("tool_error":true)")) == "tool_error");
}

}  // namespace
}  // namespace mcpgov::audit
