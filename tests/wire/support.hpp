// What the tests of the wire room share: contexts, messages, and a parser that keeps its batch.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/wire.hpp"

namespace mcpgov {

// doctest prints codes by name.
inline std::ostream& operator<<(std::ostream& out, ErrorCode code) {
  return out << code_name(code);
}

}  // namespace mcpgov

namespace mcpgov::wire::test {

inline constexpr std::string_view kModernMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

inline ParseContext stdio(Revision revision = Revision::none,
                          Direction direction = Direction::from_client) {
  ParseContext context;
  context.direction = direction;
  context.negotiated = revision;
  return context;
}

// An HTTP request with its fields; the context borrows them from this object.
class Post {
 public:
  explicit Post(std::initializer_list<Header> fields = {}, Revision negotiated = Revision::none,
                Transport transport = Transport::streamable_http)
      : fields_(fields), negotiated_(negotiated), transport_(transport) {
    fields_.push_back({"Content-Type", "application/json"});
  }

  ParseContext context() const {
    ParseContext context;
    context.transport = transport_;
    context.negotiated = negotiated_;
    context.http.method = "POST";
    context.http.url = "/mcp";
    context.http.headers = fields_;
    return context;
  }

 private:
  std::vector<Header> fields_;
  Revision negotiated_;
  Transport transport_;
};

// A tools/call with these params (a JSON object's inside).
inline std::string request(std::string_view method, std::string_view params,
                           std::string_view id = "1") {
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out.append(id).append(R"(,"method":")").append(method).append(R"(","params":{)");
  return out.append(params).append("}}");
}

inline std::string modern(std::string_view method, std::string_view params = {}) {
  std::string inside(kModernMeta);
  if (!params.empty()) inside.append(",").append(params);
  return request(method, inside);
}

// The code that refuses the body or its only message.
inline ErrorCode code_of(Parser& parser, std::string_view body, const ParseContext& context) {
  const Batch batch = parser.parse(body, context);
  if (batch.refusal.refused()) return batch.refusal.code;
  REQUIRE(batch.messages.size() == 1);
  return batch.messages[0].refusal.code;
}

inline Refusal refusal_of(Parser& parser, std::string_view body, const ParseContext& context) {
  const Batch batch = parser.parse(body, context);
  if (batch.refusal.refused()) return batch.refusal;
  REQUIRE(batch.messages.size() == 1);
  return batch.messages[0].refusal;
}

}  // namespace mcpgov::wire::test
