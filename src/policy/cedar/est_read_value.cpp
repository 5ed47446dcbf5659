// Values of JSON policies: nodes that cannot fail to be constant, with Cedar's escapes.
// Tested by tests/policy/est_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/est_read.hpp"

namespace mcpgov::policy::cedar {

std::vector<const JsonMember*> EstReader::by_name(const JsonNode& object) {
  std::vector<const JsonMember*> out;
  for (const JsonMember& member : object.members()) out.push_back(&member);
  std::sort(out.begin(), out.end(),
            [](const JsonMember* a, const JsonMember* b) { return a->key < b->key; });
  return out;
}

bool EstReader::literal(const JsonNode& node, const Value& value, NodeId& out) {
  ast_->literals.push_back(value);
  return add(node, {NodeKind::literal, static_cast<std::uint32_t>(ast_->literals.size() - 1)}, out);
}

bool EstReader::value(const JsonNode& node, int depth, NodeId& out) {
  if (too_deep(node, depth)) return false;
  switch (node.type) {
    case JsonNode::Type::boolean: return literal(node, Value::of_boolean(node.integer != 0), out);
    case JsonNode::Type::integer: return literal(node, Value::of_integer(node.integer), out);
    case JsonNode::Type::string: return literal(node, Value::of_string(node.string()), out);
    case JsonNode::Type::array: return value_set(node, depth, out);
    case JsonNode::Type::object: return value_object(node, depth, out);
    case JsonNode::Type::null:
      return fail(node, ErrorCode::policy_json_value, "null is no value of Cedar");
    case JsonNode::Type::number: break;
  }
  return fail(node, ErrorCode::policy_json_value, "the number is no 64-bit integer");
}

bool EstReader::value_set(const JsonNode& node, int depth, NodeId& out) {
  std::vector<std::uint32_t> items(node.size);
  for (std::uint32_t i = 0; i < node.size; ++i) {
    if (!value(node.items()[i], depth + 1, items[i])) return false;
  }
  return add(node, {NodeKind::set, keep(items), node.size, 0, 0, Spelling::constant}, out);
}

// An escape is an object with this one member, whose value has what the escape needs; anything else
// is a record.
bool EstReader::value_object(const JsonNode& node, int depth, NodeId& out) {
  if (node.size == 1) {
    const JsonMember& only = node.members().front();
    if (only.key == "__expr" && only.value.type == JsonNode::Type::string) {
      return fail(node, ErrorCode::policy_json_value, "`__expr` is no longer part of Cedar");
    }
    if (only.key == "__entity" && only.value.find_string("type") != nullptr &&
        only.value.find_string("id") != nullptr) {
      EntityId id = kNoEntity;
      return uid(only.value, id) && literal(node, Value::of_entity(id), out);
    }
    if (only.key == "__extn" && only.value.find_string("fn") != nullptr) {
      const JsonNode* arguments = only.value.find("args");
      if (only.value.find("arg") != nullptr ||
          (arguments != nullptr && arguments->type == JsonNode::Type::array)) {
        return value_call(only.value, depth, out);
      }
    }
  }
  std::vector<std::uint32_t> pairs;
  for (const JsonMember* member : by_name(node)) {
    NodeId field = 0;
    if (!value(member->value, depth + 1, field)) return false;
    pairs.push_back(static_cast<std::uint32_t>(symbols_.name(member->key)));
    pairs.push_back(field);
  }
  return add(node, {NodeKind::record, keep(pairs), node.size, 0, 0, Spelling::constant}, out);
}

// `{"fn": …, "arg": …}` or `{"fn": …, "args": […]}`.
bool EstReader::value_call(const JsonNode& call, int depth, NodeId& out) {
  const JsonNode& name = *call.find_string("fn");
  const ExtensionFunction* function = find_extension_function(name.string());
  if (function == nullptr) {
    return fail(name, ErrorCode::policy_unknown_function, "the extension function does not exist");
  }
  const JsonNode* one = call.find("arg");
  const std::span<const JsonNode> given =
      one != nullptr ? std::span(one, 1) : call.find("args")->items();
  std::vector<std::uint32_t> arguments(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!value(given[i], depth + 1, arguments[i])) return false;
  }
  const auto number = static_cast<std::uint32_t>(function - extension_functions().data());
  const auto count = static_cast<std::uint32_t>(arguments.size());
  return add(call, {NodeKind::call, number, keep(arguments), count, 0, Spelling::constant}, out);
}

}  // namespace mcpgov::policy::cedar
