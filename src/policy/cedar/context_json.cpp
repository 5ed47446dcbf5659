// A context from JSON.
// Tested by tests/policy/entities_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/context_json.hpp"

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {

Result<Value> read_context(const ContextInput& input, RequestSymbols& symbols) {
  if (input.text.empty()) return Value::of_record({});
  constexpr int depth = 3 * kMaxValueDepth;  // an escape around a value takes two more levels
  Result<JsonNode> document = read_json(input.text, {kMaxContextBytes, depth}, symbols.arena());
  if (!document) return std::move(document).error();
  const auto no_record = [&] {
    return error_at(ErrorCode::context_not_a_record, "the context is not a record", input.text,
                    document->offset);
  };
  if (document->type != JsonNode::Type::object) return no_record();
  const Type* type = nullptr;
  if (input.schema != nullptr) {
    const ActionType* action = input.schema->action(input.action);
    if (action == nullptr) {
      return error_at(ErrorCode::request_action_undeclared,
                      "the schema does not declare the action", input.text, 0);
    }
    type = &action->context;
  }
  ValueReader reader(SymbolSink(symbols), symbols.arena(), input.schema);
  Value out;
  // Unlike attributes, a context may be an escape, which then is no record.
  if (!reader.read(*document, type, out)) {
    return error_at(reader.code(), reader.reason(), input.text, reader.offset());
  }
  if (out.kind != Kind::record) return no_record();
  return out;
}

}  // namespace mcpgov::policy::cedar
