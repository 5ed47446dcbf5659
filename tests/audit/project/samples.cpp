// Events of every shape, written by the log's own code.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/samples.hpp"

#include <array>
#include <string_view>

namespace mcpgov::audit::test {

namespace {

// Called for each event that is written, where set.
const std::function<void(const Event&)>* visitor = nullptr;

std::string written(const Event& event) {
  if (visitor != nullptr) (*visitor)(event);
  std::string out;
  append_event(out, event);
  return out;
}

constexpr std::array<std::string_view, 2> kPolicies = {"permit-report-writers", "log,all=\"x\""};
constexpr std::array<std::string_view, 1> kErrors = {"broken: eval_type"};
constexpr std::string_view kArguments =
    R"({"bytes":181,"tokens":46,"tokens_by":"estimate",)"
    R"("digest":"k1:0123456789abcdef0123456789abcdef","keys":["path","content"],)"
    R"("value":{"path":"/srv/reports/q3.md","content":{"$redacted":"names","len":9}},)"
    R"("found":{"email":2}})";
constexpr std::string_view kResult =
    R"({"bytes":127,"tokens":32,"tokens_by":"host","digest":"k1:fedcba9876543210fedcba9876543210",)"
    R"("digest_bytes":100,"value":{"content":[{"type":"text","text":"done"}]},"cut":true})";
constexpr std::string_view kSealed = R"({"bytes":5,"tokens":2,"tokens_by":"estimate",)"
                                     R"("sealed":{"key":"acme/1","nonce":"AAAA","text":"BBBB"}})";

// A record with everything that it borrows.
struct Sample {
  Caller caller;
  Record record;
  Completion completion;
  Event event;

  Sample() {
    caller.kind = CallerKind::user;
    caller.issuer = "https://login.example.com";
    caller.subject = "00u1abcd";
    caller.client = "desktop";
    caller.agent_session = "0197f2b4-0000-7a55-9c3e-000000000001";
    caller.agent_session_source = "token";
    caller.actors = {{CallerKind::agent, "https://as.example.com", "report-writer"},
                     {CallerKind::workload, "spiffe://acme.example", "spiffe://acme.example/w"}};
    caller.workload = {CallerKind::workload, "spiffe://acme.example", "spiffe://acme.example/w"};
    caller.acr = "phr";
    caller.auth_time_s = 1795159000;
    caller.evidence = {EvidenceKind::token, "jti-1", "key-1", "RS256", "thumb"};
    record.id = "0123456789abcdef0123456789abcdef";
    record.time_us = 1'795'159'380'123'456;
    record.caller = &caller;
    record.client = "claude-desktop/1.2.3";
    record.session = "mcp-session-1";
    record.tenant = "acme";
    record.server = "filesystem";
    record.transport = "streamable_http";
    record.peer = "10.1.2.80";
    record.protocol = "2025-11-25";
    record.direction = "from_client";
    record.method = "tools/call";
    record.target = "write_file";
    record.target_kind = "tool";
    record.request_id = "42";
    record.tool_class = ToolClass::write;
    record.allowed = record.decision = true;
    record.policies = kPolicies;
    record.snapshot = "3:0123456789abcdef";
    record.policy_digest = "fedcba9876543210";
    record.decided_ns = 8200;
    record.trace = {"0af7651916cd43dd8448eb211c80319c",
                    "00f067aa0ba902b7",
                    "b7ad6b7169203331",
                    "vendor=1",
                    1,
                    true};
    completion.outcome = Outcome::completed;
    completion.latency_ns = 13'000'000;
    completion.reply_bytes = 127;
    event = {EventKind::final, &record, &completion, {kArguments}, {kResult}};
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  std::string text() const { return written(event); }
};

// Changes one thing of the usual event.
template <class Change>
std::string with(Change&& change) {
  Sample sample;
  change(sample);
  return sample.text();
}

void deny(Sample& sample) {
  sample.record.allowed = sample.record.decision = false;
  sample.record.reason = ErrorCode::policy_forbidden;
  sample.record.tool_class = ToolClass::destructive;
  sample.record.open_world = true;
  sample.record.policy_errors = kErrors;
  sample.completion.outcome = Outcome::denied;
  sample.completion.reason = ErrorCode::policy_forbidden;
  sample.completion.rpc_code = -32001;
  sample.event.result = {};
}

void observe(Sample& sample) {
  sample.record.decision = sample.record.enforced = false;
  sample.record.reason = ErrorCode::policy_denied;
}

void outcomes(std::vector<std::string>& out) {
  for (int outcome = 0; outcome <= 8; ++outcome) {
    out.push_back(with([&](Sample& s) { s.completion.outcome = static_cast<Outcome>(outcome); }));
  }
  out.push_back(with(deny));
  out.push_back(with(observe));
  for (const std::int64_t code : {-32602, -32000, -32002, 1}) {
    out.push_back(with([&](Sample& s) {
      s.completion.outcome = Outcome::failed;
      s.completion.rpc_code = code;
    }));
  }
  out.push_back(with([](Sample& s) {
    s.completion.outcome = Outcome::failed;
    s.completion.tool_error = true;
  }));
}

void targets(std::vector<std::string>& out) {
  constexpr std::array<std::array<std::string_view, 3>, 6> kMessages = {{
      {"prompts/get", "greet", "prompt"},
      {"resources/read", "file:///srv/a%20b", "resource"},
      {"tasks/get", "task-1", "task"},
      {"tools/list", "", ""},
      {"notifications/message", "", ""},
      {"vendor/own", "", ""},
  }};
  for (const auto& [method, target, kind] : kMessages) {
    out.push_back(with([&, m = method, t = target, k = kind](Sample& s) {
      s.record.method = m;
      s.record.target = t;
      s.record.target_kind = k;
      s.record.tool_class = ToolClass::none;
      s.completion.items = 9;
      s.completion.items_removed = 4;
    }));
  }
  out.push_back(with([](Sample& s) {
    s.record.direction = "from_server";
    s.record.method = "sampling/createMessage";
    s.record.target = s.record.target_kind = {};
    s.completion.outcome = Outcome::failed;
    s.completion.rpc_code = -32602;
  }));
}

void shapes(std::vector<std::string>& out) {
  out.push_back(with([](Sample& s) { s.event.kind = EventKind::intent; }));
  out.push_back(with([](Sample& s) {
    s.event.waited = s.event.reconstructed = true;
    s.event.completion = nullptr;
  }));
  out.push_back(with([](Sample& s) {
    s.record.transport = "stdio";
    s.record.protocol = "2026-07-28";
    s.record.peer = s.record.session = {};
    s.record.request_id = "\"r-\\u0031\\n\"";
    s.record.approver = "olga";
    s.record.limits = R"({"calls":{"used":1,"of":10}})";
    s.record.credential = R"({"kind":"exchange","audience":"https://api.example.com"})";
    s.record.trace.parent_id = {};
    s.event.arguments = {kSealed};
  }));
  out.push_back(with([](Sample& s) { s.record.peer = "2001:db8::1"; }));
  out.push_back(with([](Sample& s) {
    s.record.caller = nullptr;
    s.record.trace = {};
    s.event.arguments = s.event.result = {};
  }));
  Record nothing;
  nothing.id = "ffffffffffffffff0000000000000001";
  out.push_back(written({EventKind::final, &nothing}));
  const std::string large = R"({"bytes":70000,"tokens":17500,"tokens_by":"estimate","value":")" +
                            std::string(70000, 'x') + "\"}";
  out.push_back(with([&](Sample& s) { s.event.result = {large}; }));
  // Of frames that are not about a message.
  for (const std::string_view kind : {"config", "heartbeat", "loss", "recovery"}) {
    out.push_back(R"({"v":1,"kind":")" + std::string(kind) +
                  R"(","time":"2026-11-20T07:23:00.000000Z","detail":{"count":3}})");
  }
}

}  // namespace

std::string usual_event() {
  return Sample().text();
}

const std::vector<std::string>& attacks() {
  static const std::vector<std::string> all = {
      "x|CEF:0|evil|evil|1|a|b|10|",
      "x suid=admin act=allow",
      "a=b\\=c\\",
      "\\|\\]\\\"",
      "x\"] [evil@1 a=\"b\"] msg",
      "a\nCEF:0|mcpgov|mcpgov|1|x|y|1|",
      "a\r\n<13>1 - - - - - - forged",
      "\"},{\"resourceLogs\":[]}",
      "\x1b]0;title\x07\x1b[2J",
      "\xe2\x80\xae\xe2\x81\xa6gnp.exe",
      "\xe2\x80\xa8\xe2\x80\xa9\xc2\x85",
      "\xff\xfe\xc0\xaf",
      std::string("nul\0end", 7),
      "caf\xc3\xa9 \xf0\x9f\x98\x80",
      "'; DROP TABLE a; --",
      "<script>alert(1)</script>",
      std::string(2000, '\\'),
      std::string(1023, 'a') + "\xf0\x9f\x98\x80",
  };
  return all;
}

void visit_samples(const std::function<void(const Event&)>& visit) {
  visitor = &visit;
  sample_events();
  visitor = nullptr;
}

std::vector<std::string> sample_events() {
  std::vector<std::string> out = {usual_event()};
  outcomes(out);
  targets(out);
  shapes(out);
  for (const std::string& attack : attacks()) {
    out.push_back(with([&](Sample& s) {
      s.caller.subject = s.caller.issuer = s.caller.client = s.caller.agent_session = attack;
      s.caller.actors[0].subject = attack;
      s.record.client = s.record.session = s.record.tenant = s.record.server = attack;
      s.record.peer = s.record.method = s.record.target = s.record.approver = attack;
      s.record.trace.state = attack;
      const std::string_view policies[] = {attack, attack};
      s.record.policies = policies;
      out.push_back(s.text());
      s.record.policies = {};
    }));
  }
  return out;
}

}  // namespace mcpgov::audit::test
