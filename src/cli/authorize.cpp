// `mcpgov authorize`.
// Tested by tests/cli/command_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/authorize.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/os_file.hpp"
#include "base/os_time.hpp"
#include "cli/explain.hpp"
#include "cli/file_sizes.hpp"
#include "request/iso.hpp"

namespace mcpgov::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kInputBytes = 1024 * 1024 * 1024;  // the largest limit a configuration has

// Everything that was named on the command line, read.
struct Inputs {
  Config config;
  std::shared_ptr<const detail::Snapshot> snapshot;
  const detail::ServerSnapshot* server = nullptr;
  std::string server_name;
  Caller caller;
  std::string tools;
  std::optional<catalog::Catalog> claimed;
  std::vector<Header> headers;  // views into the options
  std::string body;
  std::uint64_t now_us = 0;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Result<std::vector<Header>> split_headers(const std::vector<std::string>& lines) {
  std::vector<Header> out;
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) {
      return Error{ErrorCode::config_value, "a header field is given as `Name: value`", {}, 0, 0};
    }
    out.push_back({line.substr(0, colon), trimmed(line.substr(colon + 1))});
  }
  return out;
}

Result<std::uint64_t> read_time(const std::string& text) {
  if (text.empty()) return wall_clock_us();
  const request::ScalarText time = request::iso_datetime(text);
  if (time.code == ErrorCode::none && time.value >= 0) {
    return static_cast<std::uint64_t>(time.value) * 1000;
  }
  return Error{
      ErrorCode::config_value, "the time is not written like 2026-11-20T10:00:00Z", {}, 0, 0};
}

// A file ends with a line end, a message does not.
std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<void> read_tools(const std::string& file, Inputs& out) {
  if (file.empty()) return {};
  auto text = read_file(file, kToolsBytes);
  if (!text) return text.error();
  auto tools = catalog::Catalog::from_tools_json(*text, catalog::Origin::claimed, file);
  if (!tools) return tools.error();
  out.tools = *std::move(text);
  out.claimed = *std::move(tools);
  return {};
}

Result<Inputs> read_inputs(const AuthorizeOptions& options) {
  Inputs out;
  auto now = read_time(options.time);
  if (!now) return now.error();
  out.now_us = *now;
  auto config = load_config(options.place.config);
  if (!config) return config.error();
  out.config = *config;
  auto name = choose_server(*config, options.place);
  if (!name) return name.error();
  out.server_name = *std::move(name);
  auto snapshot = detail::build_snapshot(*std::move(config), 1, out.now_us);
  if (!snapshot) return snapshot.error();
  out.snapshot = *std::move(snapshot);
  bool tenant_known = false;
  out.server = out.snapshot->find(options.place.tenant, out.server_name, tenant_known);
  auto caller = read_caller(options.place.caller);
  if (!caller) return caller.error();
  out.caller = *std::move(caller);
  if (auto read = read_tools(options.tools, out); !read) return read.error();
  auto headers = split_headers(options.headers);
  if (!headers) return headers.error();
  out.headers = *std::move(headers);
  auto body = read_input(options.message, kInputBytes);
  if (!body) return body.error();
  out.body = without_line_end(*std::move(body));
  return out;
}

// What came of one message.
struct Finding {
  bool allowed = false;
  ErrorCode reason = ErrorCode::none;
  std::string method;
  std::string target;
  std::vector<NamedPolicy> policies;
  std::optional<Explanation> why;
  int http_status = 0;
  std::string denial;
  std::vector<std::string> pending;
};

std::string position(const NamedPolicy& policy) {
  return policy.file + ":" + std::to_string(policy.line) + ":" + std::to_string(policy.column);
}

Json policy_json(const NamedPolicy& policy) {
  return {{"id", policy.id},
          {"effect", policy.forbid ? "forbid" : "permit"},
          {"file", policy.file},
          {"line", policy.line},
          {"column", policy.column}};
}

Json question_json(const request::Text& question) {
  return {{"principal", question.principal},
          {"action", question.action},
          {"resource", question.resource},
          {"context", question.context},
          {"entities", question.entities}};
}

void print_json(const Finding& finding, const std::string& snapshot) {
  Json out = {{"allowed", finding.allowed},
              {"reason", code_name(finding.reason)},
              {"sentence", code_sentence(finding.reason)},
              {"method", finding.method},
              {"target", finding.target},
              {"policies", Json::array()},
              {"policy_errors", Json::array()},
              {"request", nullptr},
              {"pending", finding.pending},
              {"denial", nullptr},
              {"snapshot", snapshot}};
  for (const NamedPolicy& policy : finding.policies) out["policies"].push_back(policy_json(policy));
  if (finding.why) {
    out["request"] = question_json(finding.why->question);
    for (const FailedPolicy& failed : finding.why->failures) {
      Json entry = policy_json(failed.policy);
      entry["code"] = code_name(failed.code);
      entry["sentence"] = failed.sentence;
      out["policy_errors"].push_back(std::move(entry));
    }
  }
  if (!finding.allowed) {
    out["denial"] = {{"http_status", finding.http_status}, {"body", finding.denial}};
  }
  const auto replace = Json::error_handler_t::replace;
  std::printf("%s\n", out.dump(-1, ' ', false, replace).c_str());
}

void print_line(const char* label, const std::string& text) {
  std::printf("%-10s %s\n", label, text.c_str());
}

void print_question(const request::Text& question) {
  print_line("principal", question.principal);
  print_line("action", question.action);
  print_line("resource", question.resource);
  print_line("context", question.context);
  const char* label = "entities";
  for (std::size_t at = 0; at < question.entities.size();) {
    const std::size_t end = question.entities.find('\n', at);
    print_line(std::exchange(label, ""), question.entities.substr(at, end - at));
    at = end == std::string::npos ? question.entities.size() : end + 1;
  }
}

void print_text(const Finding& finding, const std::string& snapshot) {
  std::string verdict = finding.allowed ? "allowed" : "denied";
  if (finding.reason != ErrorCode::none) {
    verdict += ": " + std::string(code_sentence(finding.reason)) + " [" +
               std::string(code_name(finding.reason)) + "]";
  }
  std::printf("%s\n", verdict.c_str());
  print_line("message", finding.method + (finding.target.empty() ? "" : " " + finding.target));
  for (const NamedPolicy& policy : finding.policies) {
    print_line(policy.forbid ? "forbid" : "permit", "`" + policy.id + "` at " + position(policy));
  }
  if (finding.why) {
    for (const FailedPolicy& failed : finding.why->failures) {
      print_line("failed", failed.sentence + " at " + position(failed.policy));
    }
    print_question(finding.why->question);
  }
  for (const std::string& step : finding.pending) print_line("pending", step);
  if (!finding.denial.empty()) print_line("answer", finding.denial);
  print_line("snapshot", snapshot);
  if (finding.reason == ErrorCode::tool_unknown) {
    print_line("hint", "give the server's own list of tools with --tools, or pin a reviewed one");
  }
}

// The governor decides, so that what is shown is what would happen. Its records go nowhere.
Result<Session> open_session(const AuthorizeOptions& options, Inputs& inputs) {
  auto governor = Governor::open(options.place.config, without_records(inputs.now_us));
  if (!governor) return governor.error();
  SessionOptions session;
  session.server = inputs.server_name;
  session.tenant = options.place.tenant;
  session.transport = inputs.headers.empty() ? Transport::stdio : Transport::streamable_http;
  session.caller = inputs.caller.kind == CallerKind::none ? inputs.config.stdio : inputs.caller;
  Session out = governor->session(session);
  if (!inputs.tools.empty()) {
    if (auto known = out.set_tools(inputs.tools); !known) return known.error();
  }
  return out;
}

Finding finding_of(const Verdict& verdict, std::size_t index, const Inputs& inputs,
                   const Circumstances& circumstances) {
  Finding out;
  out.allowed = verdict.allowed();
  out.reason = verdict.reason();
  out.method = verdict.message().method_text;
  out.target = verdict.message().target;
  for (const std::string_view id : verdict.policies()) {
    out.policies.push_back(find_policy(*inputs.server, id));
  }
  out.why = explain(inputs.body, index, circumstances);
  if (!out.allowed) {
    out.http_status = verdict.denial().http_status;
    out.denial = verdict.denial().body;
  }
  for (const Step& step : verdict.pending()) out.pending.emplace_back(step.prompt);
  return out;
}

}  // namespace

int authorize(const AuthorizeOptions& options) {
  Result<Inputs> read = read_inputs(options);
  if (!read) return fail(read.error());
  Inputs& inputs = *read;
  Result<Session> session = open_session(options, inputs);
  if (!session) return fail(session.error());
  const Caller& caller =
      inputs.caller.kind == CallerKind::none ? inputs.config.stdio : inputs.caller;
  const bool http = !inputs.headers.empty();
  const Circumstances circumstances{
      .server = *inputs.server,
      .claimed = inputs.claimed ? &*inputs.claimed : nullptr,
      .caller = check_code(caller) == ErrorCode::none ? &caller : nullptr,
      .direction = options.from_server ? Direction::from_server : Direction::from_client,
      .transport = http ? Transport::streamable_http : Transport::stdio,
      .http = {.method = http ? "POST" : "", .url = {}, .headers = inputs.headers},
      .peer = options.peer,
      .now_us = inputs.now_us,
      .limits = inputs.config.limits.wire};
  Verdicts verdicts = session->receive({.direction = circumstances.direction,
                                        .http = circumstances.http,
                                        .peer = options.peer,
                                        .body = inputs.body});
  int code = kAllowed;
  std::size_t index = 0;
  for (const Verdict& verdict : verdicts) {
    const Finding finding = finding_of(verdict, index++, inputs, circumstances);
    if (!finding.allowed) code = kDenied;
    if (options.json) {
      print_json(finding, inputs.snapshot->label);
    } else {
      print_text(finding, inputs.snapshot->label);
    }
  }
  return code;
}

}  // namespace mcpgov::cli
