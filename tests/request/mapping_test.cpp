// Ids and namespaces: two different things never have one name.
//
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>

#include "request/world.hpp"

namespace {

using mcpgov::Arena;
using mcpgov::ErrorCode;
using mcpgov::request::action_id;
using mcpgov::request::Mapping;
using mcpgov::request::qualified_id;

TEST_CASE("mapping: what is no namespace of Cedar is refused") {
  const mcpgov::policy::Symbols symbols;
  const mcpgov::policy::Entities entities;
  const mcpgov::policy::ReadPath reads{};
  for (const char* space : {"::", "A::", "::A", "A:B", "A B", "a-b", "1a", "if", "A::in::B",
                            "A::__cedar", "A:::B", "\xc3\xa9"}) {
    CAPTURE(std::string(space));
    const auto bound = Mapping::bind({space, "s"}, symbols, entities, reads);
    REQUIRE_FALSE(bound);
    CHECK(bound.error().code == ErrorCode::config_value);
  }
  for (const char* space : {"", "A", "Acme::Payments", "_x9"}) {
    CAPTURE(std::string(space));
    CHECK(Mapping::bind({space, "s"}, symbols, entities, reads).has_value());
  }
}

TEST_CASE("mapping: ids of different issuers and subjects differ") {
  const std::string parts[] = {"", "#", "a", "a#", "#a", "a#b", "%23", "a%23", "%", "%25", "b"};
  std::map<std::string, std::pair<std::string, std::string>> seen;
  for (const std::string& issuer : parts) {
    for (const std::string& subject : parts) {
      CAPTURE(issuer);
      CAPTURE(subject);
      CHECK(seen.emplace(qualified_id(issuer, subject), std::pair(issuer, subject)).second);
    }
  }
  CHECK(qualified_id("https://login.example.com", "a#b%") == "https://login.example.com#a#b%");
}

TEST_CASE("mapping: no tool has the action of something that is no tool") {
  Arena arena;
  struct Case {
    const char* tool;
    const char* action;
  };
  const Case cases[] = {
      {"read_file", "read_file"},
      {"call_tool", "tool:call_tool"},
      {"read_resource", "tool:read_resource"},
      {"elicit", "tool:elicit"},
      {"Read_Resource", "Read_Resource"},
      {"tool:read_resource", "tool:tool:read_resource"},
      {"tool:x", "tool:tool:x"},
      {"tool", "tool"},
      {"toolbox", "toolbox"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.tool));
    CHECK(action_id(c.tool, arena) == c.action);
  }
}

}  // namespace
