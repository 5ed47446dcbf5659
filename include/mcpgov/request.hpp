// The question a call asks of the policies: how methods, callers and arguments become entities and
// a context. docs/request.md has the whole model with an example.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::request {

// Calls to tools no catalog knows. A schema decides the types of arguments, and `==` across types
// is false without an error, so that policies written for the schema would not match.
enum class UnknownTools : std::uint8_t {
  deny,     // refused: the default
  natural,  // arguments as JSON has them, for policies written for that
};

// A question in Cedar's own writing, for people: what `mcpgov authorize` explains.
struct Text {
  std::string principal;  // Payments::User::"https://login.example.com#ann"
  std::string action;     // Payments::Action::"read_file"
  std::string resource;   // Payments::McpServer::"payments"
  std::string context;    // {input: {path: "/etc/motd"}, session: {…}}
  std::string entities;   // one per line: uid, ancestors, attributes, tags; sorted by uid
};

// The principal's id: `<issuer>#<subject>`, where the issuer's own `%` and `#` are written `%25`
// and `%23`. So the first `#` separates, and two different callers never have the same id.
// Groups, roles and actors are named in the same way.
// Throws: std::bad_alloc.
MCPGOV_API std::string qualified_id(std::string_view issuer, std::string_view name);

}  // namespace mcpgov::request
