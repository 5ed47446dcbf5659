// Files of policy tests, read strictly.
// Tested by tests/cli/policy_tests_file_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_tests_file.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "base/json_writer.hpp"
#include "base/os_file.hpp"
#include "cli/file_sizes.hpp"
#include "governor/yaml_reader.hpp"
#include "policy/cedar/lexer.hpp"
#include "request/iso.hpp"

namespace mcpgov::cli {

namespace {

// A case must not depend on the day it is run.
constexpr std::string_view kDefaultTime = "2026-11-20T10:00:00Z";

// What cases of a file have in common.
struct Common {
  bool governed = false;
  std::map<std::string, Caller> callers;
  std::string claimed_json;
  std::uint64_t now_us = 0;
};

std::string read_or_fail(const YamlNode& node, const std::string& path) {
  Result<std::string> text = read_file(path, kDocumentBytes);
  if (!text) node.fail(ErrorCode::file_unreadable, text.error().message);
  return *std::move(text);
}

// A file by its name, or what stands here itself.
std::string json_or_file(const YamlNode& node, const std::string& path) {
  if (node.is_mapping() || node.is_sequence()) return node.json();
  return read_or_fail(node, beside(path, node.text()));
}

std::uint64_t time_of(const YamlNode& node) {
  const request::ScalarText time = request::iso_datetime(node.text());
  if (time.code != ErrorCode::none || time.value < 0) {
    node.fail(ErrorCode::config_value, "expected a time like 2026-11-20T10:00:00Z");
  }
  return static_cast<std::uint64_t>(time.value) * 1000;
}

Caller caller_of(const YamlNode& node) {
  Result<Caller> caller = Caller::from_json(node.json());
  if (!caller) node.fail(caller.error().code, caller.error().message);
  return *std::move(caller);
}

// `nobody`, a name of `callers`, or the caller itself.
Caller caller_of_case(const YamlNode& node, const Common& common) {
  if (node.is_mapping()) return caller_of(node);
  const std::string name = node.text();
  const auto found = common.callers.find(name);
  if (found != common.callers.end()) return found->second;
  if (name == "nobody") return {};
  node.fail(ErrorCode::config_value, "`callers` has no `" + name + "`");
}

UidText uid_of(const YamlNode& node) {
  if (node.is_mapping()) {
    node.expect_keys({"type", "id"});
    return {node.at("type").text(), node.at("id").text()};
  }
  std::optional<UidText> out = read_uid(node.text());
  if (!out) node.fail(ErrorCode::config_value, "expected an entity like User::\"ann\"");
  return *std::move(out);
}

// A call by its tool, a message without its envelope, or the exact bytes as a text.
std::string body_of(const YamlNode& entry) {
  if (entry.has("call")) {
    std::string out = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":)";
    append_json_string(out, entry.at("call").text());
    out += R"(,"arguments":)";
    out += entry.has("arguments") ? entry.at("arguments").json() : "{}";
    return out + "}}";
  }
  const YamlNode message = entry.at("message");
  if (!message.is_mapping()) return message.text();
  if (message.has("jsonrpc")) return message.json();
  message.expect_keys({"method", "params"});
  const std::string method = message.at("method").text();
  std::string out = R"({"jsonrpc":"2.0",)";
  if (!method.starts_with("notifications/")) out += R"("id":1,)";
  out += R"("method":)";
  append_json_string(out, method);
  if (message.has("params")) out += ",\"params\":" + message.at("params").json();
  return out + "}";
}

MessageAsk message_of(const YamlNode& entry, const std::string& path, const Common& common) {
  MessageAsk out;
  if (entry.has("caller")) out.caller = caller_of_case(entry.at("caller"), common);
  out.body = body_of(entry);
  if (entry.has("from_server")) out.from_server = entry.at("from_server").boolean();
  out.claimed_json =
      entry.has("claimed") ? json_or_file(entry.at("claimed"), path) : common.claimed_json;
  out.now_us = entry.has("time") ? time_of(entry.at("time")) : common.now_us;
  return out;
}

CedarAsk request_of(const YamlNode& entry) {
  CedarAsk out{
      uid_of(entry.at("principal")), uid_of(entry.at("action")), uid_of(entry.at("resource")), {}};
  if (entry.has("context")) out.context_json = entry.at("context").json();
  return out;
}

Expectation expectation_of(const YamlNode& entry) {
  Expectation out;
  out.allow = entry.at("expect").one_of({"deny", "allow"}) == 1;
  if (entry.has("reasons")) out.reasons = entry.at("reasons").texts();
  if (entry.has("failing")) out.failing = entry.at("failing").texts();
  if (entry.has("code")) {
    out.code = entry.at("code").text();
    if (out.allow) entry.at("code").fail(ErrorCode::config_value, "only denials have a code");
  }
  return out;
}

TestCase case_of(const YamlNode& entry, const std::string& path, const Common& common) {
  TestCase out;
  if (common.governed) {
    entry.expect_keys({"name", "caller", "call", "arguments", "message", "from_server", "claimed",
                       "time", "expect", "reasons", "failing", "code"});
    if (entry.has("call") == entry.has("message")) {
      entry.fail(ErrorCode::config_value, "expected either `call` or `message`");
    }
    if (entry.has("arguments") && !entry.has("call")) {
      entry.at("arguments").fail(ErrorCode::config_value, "`arguments` belong to a `call`");
    }
    out.message = message_of(entry, path, common);
  } else {
    entry.expect_keys(
        {"name", "principal", "action", "resource", "context", "expect", "reasons", "failing"});
    out.request = request_of(entry);
  }
  out.name = entry.at("name").text();
  out.line = entry.line();
  out.expected = expectation_of(entry);
  return out;
}

void read_governed(const YamlNode& root, TestFile& out, Common& common) {
  root.expect_keys(
      {"version", "config", "server", "tenant", "claimed", "time", "callers", "cases"});
  common.governed = true;
  out.config = beside(out.path, root.at("config").text());
  if (root.has("server")) out.server = root.at("server").text();
  if (root.has("tenant")) out.tenant = root.at("tenant").text();
  if (root.has("claimed")) common.claimed_json = json_or_file(root.at("claimed"), out.path);
  if (root.has("time")) common.now_us = time_of(root.at("time"));
  if (!root.has("callers")) return;
  for (const auto& [name, node] : root.at("callers").entries()) {
    if (name == "nobody") node.fail(ErrorCode::config_value, "`nobody` is no caller");
    common.callers.emplace(name, caller_of(node));
  }
}

void read_plain(const YamlNode& root, TestFile& out) {
  root.expect_keys({"version", "policies", "entities", "schema", "cases"});
  for (const YamlNode& node : root.at("policies").items()) {
    const std::string name = node.text();
    out.policies.push_back({name, read_or_fail(node, beside(out.path, name))});
  }
  if (root.has("entities")) {
    const YamlNode node = root.at("entities");
    out.entities = {node.is_sequence() ? out.path : node.text(), json_or_file(node, out.path)};
  }
  if (root.has("schema")) {
    const YamlNode node = root.at("schema");
    out.schema = NamedText{node.text(), read_or_fail(node, beside(out.path, node.text()))};
  }
}

TestFile read_root(const YamlNode& root, const std::string& path) {
  TestFile out;
  out.path = path;
  root.at("version").number(1, 1);
  if (root.has("config") == root.has("policies")) {
    root.fail(ErrorCode::config_value, "expected either `config` or `policies`");
  }
  Common common;
  common.now_us = static_cast<std::uint64_t>(request::iso_datetime(kDefaultTime).value) * 1000;
  if (root.has("config")) {
    read_governed(root, out, common);
  } else {
    read_plain(root, out);
  }
  std::set<std::string> names;
  for (const YamlNode& entry : root.at("cases").items()) {
    out.cases.push_back(case_of(entry, path, common));
    if (!names.insert(out.cases.back().name).second) {
      entry.at("name").fail(ErrorCode::config_duplicate_key, "another case has this name");
    }
  }
  if (out.cases.empty()) root.at("cases").fail(ErrorCode::config_value, "there are no cases");
  return out;
}

}  // namespace

std::optional<UidText> read_uid(std::string_view text) {
  using policy::cedar::Lexeme;
  using policy::cedar::Token;
  policy::cedar::Lexer lexer(text);
  UidText out;
  Lexeme at = lexer.next();
  for (; at.token == Token::identifier; at = lexer.next()) {
    out.type += (out.type.empty() ? "" : "::") + std::string(at.text);
    if (lexer.next().token != Token::path) break;
  }
  std::size_t bad = 0;
  if (out.type.empty() || at.token != Token::string || lexer.next().token != Token::end ||
      !policy::cedar::unescape(at.text, out.id, bad)) {
    return std::nullopt;
  }
  return out;
}

std::string beside(const std::string& file, const std::string& name) {
  const std::filesystem::path path(name);
  if (path.is_absolute()) return name;
  return (std::filesystem::path(file).parent_path() / path).string();
}

Result<TestFile> read_test_file(const std::string& path) {
  const Result<std::string> text = read_file(path, kDocumentBytes);
  if (!text) return text.error();
  try {
    return read_root(YamlNode::parse(*text, path), path);
  } catch (ConfigFailure& failure) {
    return std::move(failure.error);
  }
}

}  // namespace mcpgov::cli
