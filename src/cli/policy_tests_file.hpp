// Files of policy tests: who asks what, and what should come of it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::cli {

// An entity as a request names it: `Shop::User::"ann"`.
struct UidText {
  std::string type;
  std::string id;
};

// Nothing where the text is something else.
std::optional<UidText> read_uid(std::string_view text);

// A Cedar request.
struct CedarAsk {
  UidText principal;
  UidText action;
  UidText resource;
  std::string context_json;  // empty: {}
};

// A message of MCP as somebody sends it.
struct MessageAsk {
  std::optional<Caller> caller;  // nothing: the configuration's own
  std::string body;
  bool from_server = false;
  std::string claimed_json;  // the server's own tools/list result; empty: of the file
  std::uint64_t now_us = 0;
};

struct Expectation {
  bool allow = false;
  // Ids of policies, in any order. Nothing: not asked.
  std::optional<std::vector<std::string>> reasons;
  std::optional<std::vector<std::string>> failing;
  std::string code;  // why a message is denied, by its name; empty: not asked
};

struct TestCase {
  std::string name;
  std::uint32_t line = 0;
  std::optional<CedarAsk> request;  // one of the two
  std::optional<MessageAsk> message;
  Expectation expected;
};

// A text that a file of tests names or holds.
struct NamedText {
  std::string name;  // as written, or the file of tests itself
  std::string text;
};

// The cases of one file, with what they are decided by: a configuration, or policies alone.
struct TestFile {
  std::string path;
  std::string config;  // path; empty: policies alone
  std::string server;
  std::string tenant;
  std::string claimed_json;
  std::vector<NamedText> policies;
  NamedText entities;
  std::optional<NamedText> schema;
  std::vector<TestCase> cases;
};

// Reads YAML (of which JSON is a part) with all that it names except the configuration.
// Errors: config_* with file, line and column (unknown and duplicate keys, wrong values),
//         file_unreadable, caller_invalid.
Result<TestFile> read_test_file(const std::string& path);

// `folder/name`, where name is relative.
std::string beside(const std::string& file, const std::string& name);

}  // namespace mcpgov::cli
