// The parsed tree of a message, for the rooms above that walk arguments, schemas and results.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "mcpgov/wire.hpp"
#include "wire/outline.hpp"

namespace mcpgov::wire {

// What a Parser keeps between calls.
struct Parser::State {
  simdjson::dom::parser json;
  std::unique_ptr<char[]> bytes;  // the body, zeroed padding behind it
  std::size_t capacity = 0;       // of body bytes, equal to that of `json`
  std::size_t depth = 0;          // for which `json` has room
  std::size_t size = 0;
  bool array = false;
  Walk walk;
  Outline outline;
  std::vector<Message> messages;
  std::vector<ListenEntry> listen;  // of the one message that can have them: no batch can

  std::string_view body() const noexcept { return {bytes.get(), size}; }
};

// The message, or one member of it. All elements live until the parser's next parse().
// Only for messages of that last parse(); an absent member gives NO_SUCH_FIELD.
simdjson::simdjson_result<simdjson::dom::element> tree(const Parser& parser,
                                                       const Message& message) noexcept;
simdjson::simdjson_result<simdjson::dom::element> params_tree(const Parser& parser,
                                                              const Message& message) noexcept;
// `params.arguments`, whatever the method.
simdjson::simdjson_result<simdjson::dom::element> arguments_tree(const Parser& parser,
                                                                 const Message& message) noexcept;
simdjson::simdjson_result<simdjson::dom::element> result_tree(const Parser& parser,
                                                              const Message& message) noexcept;

}  // namespace mcpgov::wire
