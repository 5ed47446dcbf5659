// Access to the parsed tree.
// Tested by tests/wire/message_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/document.hpp"

namespace mcpgov::wire {

simdjson::simdjson_result<simdjson::dom::element> tree(const Parser& parser,
                                                       const Message& message) noexcept {
  const Parser::State* state = parser.state();
  if (state == nullptr || message.index >= state->messages.size()) {
    return simdjson::INDEX_OUT_OF_BOUNDS;
  }
  simdjson::dom::element root = state->json.doc.root();
  if (state->array) return root.at(message.index);
  return root;
}

simdjson::simdjson_result<simdjson::dom::element> params_tree(const Parser& parser,
                                                              const Message& message) noexcept {
  return tree(parser, message).at_key("params");
}

simdjson::simdjson_result<simdjson::dom::element> arguments_tree(const Parser& parser,
                                                                 const Message& message) noexcept {
  return params_tree(parser, message).at_key("arguments");
}

simdjson::simdjson_result<simdjson::dom::element> result_tree(const Parser& parser,
                                                              const Message& message) noexcept {
  return tree(parser, message).at_key("result");
}

}  // namespace mcpgov::wire
