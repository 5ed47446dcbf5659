// Tests of identity/pointer.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/pointer.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

// The string found, `-` where there is nothing, `?` for anything else.
std::string found(const JsonObject& root, std::string_view pointer) {
  const auto at = find(root, pointer);
  if (!at) return "-";
  return at->is_string() ? std::string(at->get_string().value_unsafe()) : "?";
}

TEST_CASE("pointer: what the settings may not say") {
  struct Row {
    const char* name;
    std::string pointer;
  };
  std::string steps;
  for (int i = 0; i < 17; ++i) steps += "/a";
  const Row rows[] = {
      {"nothing, which would be all claims", ""},
      {"a name without slash", "sub"},
      {"a fragment", "#/sub"},
      {"a tilde at the end", "/a~"},
      {"a tilde before a slash", "/a~/b"},
      {"a tilde before 2", "/a~2"},
      {"a line break", "/a\nb"},
      {"a NUL", std::string("/a\0", 3)},
      {"DEL", "/a\x7f"},
      {"17 steps", steps},
      {"more than 1,024 bytes", "/" + std::string(1024, 'x')},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto checked = check_pointer(row.pointer);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::identity_setting);
    CHECK_FALSE(checked.error().message.empty());
  }
  CHECK(check_pointer("/").has_value());
  CHECK(check_pointer("/realm_access/roles").has_value());
  CHECK(check_pointer(steps.substr(2)).has_value());
  CHECK(check_pointer("/" + std::string(1023, 'x')).has_value());
}

TEST_CASE("pointer: where it leads, and where it leads nowhere") {
  StrictJson json;
  REQUIRE(json.read(R"({"a":"1","":"2","a/b":"3","m~n":"4","~1":"5","o":{"a":"6","":"7"},
                        "l":["8",["9"],{"a":"10"}],"é":"11","n":null,"0":"12"})",
                    {}));
  struct Row {
    const char* pointer;
    const char* value;
  };
  const Row rows[] = {
      {"/a", "1"},     {"/", "2"},       {"/a~1b", "3"},  {"/m~0n", "4"},
      {"/~01", "5"},   {"/o/a", "6"},    {"/o/", "7"},    {"/l/0", "8"},
      {"/l/1/0", "9"}, {"/l/2/a", "10"}, {"/é", "11"},    {"/n", "?"},
      {"/0", "12"},    {"", "-"},        {"a", "-"},      {"/A", "-"},
      {"/aa", "-"},    {"/a/", "-"},     {"/a/b", "-"},   {"/m~n", "-"},
      {"/m~", "-"},    {"/~1", "-"},     {"/o/b", "-"},   {"/o/a/a", "-"},
      {"/l/3", "-"},   {"/l/00", "-"},   {"/l/01", "-"},  {"/l/-", "-"},
      {"/l/-1", "-"},  {"/l/+1", "-"},   {"/l/1e0", "-"}, {"/l/", "-"},
      {"/l/0x0", "-"}, {"/l/ 0", "-"},   {"/n/a", "-"},   {"/l/99999999999999999999", "-"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.pointer));
    CHECK(found(json.root(), row.pointer) == row.value);
  }
}

TEST_CASE("pointer: to a member whatever its name is") {
  StrictJson json;
  REQUIRE(json.read(R"({"https://example.com/groups":"1","~/~1":"2","":"3","plain":"4"})", {}));
  CHECK(pointer_to("https://example.com/groups") == "/https:~1~1example.com~1groups");
  for (const auto& [name, value] : json.root()) {
    CHECK(found(json.root(), pointer_to(name)) == std::string(value.get_string().value_unsafe()));
  }
}

}  // namespace
}  // namespace mcpgov::identity
