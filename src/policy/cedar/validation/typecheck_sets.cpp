// Sets, records and calls of extension functions.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/validation/text.hpp"
#include "policy/cedar/validation/typecheck.hpp"

namespace mcpgov::policy::cedar::validation {

namespace {

Wanted wanted_for(Kind kind) noexcept {
  switch (kind) {
    case Kind::decimal: return Wanted::decimal;
    case Kind::datetime: return Wanted::datetime;
    case Kind::duration: return Wanted::duration;
    case Kind::ip: return Wanted::ip;
    case Kind::integer: return Wanted::integer;
    case Kind::boolean: return Wanted::boolean;
    default: return Wanted::string;
  }
}

TypeId result_of(const ExtensionFunction& function) noexcept {
  switch (function.result) {
    case Kind::boolean: return kBool;
    case Kind::integer: return type_of(TypeKind::integer);
    case Kind::decimal: return type_of(TypeKind::decimal);
    case Kind::datetime: return type_of(TypeKind::datetime);
    case Kind::duration: return type_of(TypeKind::duration);
    default: return type_of(TypeKind::ip);
  }
}

// `ip`, `decimal`, `datetime` and `duration` make values of texts.
bool is_constructor(const ExtensionFunction& function) noexcept {
  return function.style == CallStyle::function;
}

bool constructs(const ExtensionFunction& function, std::string_view text) {
  switch (function.result) {
    case Kind::ip: return parse_ip(text).has_value();
    case Kind::decimal: return parse_decimal(text).has_value();
    case Kind::datetime: return parse_datetime(text).has_value();
    default: return parse_duration(text).has_value();
  }
}

}  // namespace

Answer Checker::contains(NodeId id, const Node& node) {
  const Answer left = expect(node.a, Wanted::set, Use::set);
  const Answer right = operand(node.b);
  const TypeId element =
      types_.kind(left.type) == TypeKind::set ? types_.element(left.type) : kNone;
  const bool alike = strictly_equal(id, element, right.type,
                                    "the elements of a set and what `contains` looks for");
  return {kBool, left.ok && right.ok && alike};
}

Answer Checker::contains_all(NodeId id, const Node& node) {
  const Answer left = expect(node.a, Wanted::set, Use::set);
  const Answer right = expect(node.b, Wanted::set, Use::set_argument);
  const bool alike =
      strictly_equal(id, left.type, right.type, "the operands of `containsAll` and `containsAny`");
  return {kBool, left.ok && right.ok && alike};
}

Answer Checker::set(NodeId id, const Node& node) {
  std::vector<TypeId> elements;
  bool ok = true;
  bool known = true;
  for (const NodeId item : ast_->list(node.a, node.b)) {
    const Answer answer = operand(item);
    ok = ok && answer.ok;
    known = known && answer.type != kNone;
    // Sets of thousands of entities have elements of one type.
    if (elements.empty() || elements.back() != answer.type) elements.push_back(answer.type);
  }
  if (node.b == 0 && types_.strict()) {
    if (report_.fresh(FindingKind::empty_set_forbidden, id)) {
      report_.say(FindingKind::empty_set_forbidden, id, offset(id),
                  "an empty set has no type; strict validation forbids it");
    }
    return {};
  }
  if (!known) return {};
  const TypeId element = join_or_report(id, offset(id), elements, "the elements of a set");
  if (element == kNone) return {};
  return {types_.set(element), ok};
}

Answer Checker::record(const Node& node) {
  const auto pairs = ast_->list(node.a, 2 * node.b);
  struct Word {
    std::uint32_t name;
    TypeId type;
  };
  std::vector<Word> fields;
  fields.reserve(node.b);
  bool ok = true;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const Answer answer = operand(pairs[i + 1]);
    ok = ok && answer.ok;
    fields.push_back({pairs[i], answer.type});
  }
  std::ranges::sort(fields, {}, &Word::name);
  std::vector<std::uint32_t> words;
  words.reserve(3 * fields.size());
  for (const Word& field : fields) {
    if (field.type == kNone) return {};
    words.insert(words.end(), {field.name, static_cast<std::uint32_t>(field.type), 1});
  }
  return {types_.record(words, false), ok};
}

// What is wrong with a call before its arguments are looked at.
bool Checker::call_arguments(NodeId id, const Node& node) {
  const ExtensionFunction& function = extension_functions()[node.a];
  const auto arguments = ast_->list(node.b, node.c);
  bool ok = true;
  if (arguments.size() != function.arity) {
    ok = false;
    // Which function it is, makes no other finding of it.
    if (report_.fresh(FindingKind::wrong_number_arguments, id,
                      {function.arity, static_cast<std::uint32_t>(arguments.size())})) {
      report_.say(FindingKind::wrong_number_arguments, id, offset(id),
                  "wrong number of arguments: `" + std::string(function.name) + "` takes " +
                      std::to_string(function.arity) + " but is given " +
                      std::to_string(arguments.size()) +
                      (function.style == CallStyle::method ? " with the receiver" : ""));
    }
  }
  if (!is_constructor(function)) return ok;
  bool literals = true;
  for (const NodeId argument : arguments) {
    const std::optional<Value> value = literal_of(*ast_, argument);
    literals = literals && value.has_value();
    if (!value || arguments.size() != 1 || value->kind != Kind::string) continue;
    if (constructs(function, value->string())) continue;
    ok = false;
    if (!report_.fresh(FindingKind::function_argument_validation, id, {id})) continue;
    std::string message = "`" + std::string(function.name) + "` cannot be made of ";
    append_text(message, value->string());
    report_.say(FindingKind::function_argument_validation, id, offset(id), std::move(message));
  }
  if (types_.strict() && !literals) {
    ok = false;
    if (report_.fresh(FindingKind::non_lit_ext_constructor, id)) {
      report_.say(FindingKind::non_lit_ext_constructor, id, offset(id),
                  "the argument of `" + std::string(function.name) +
                      "` has to be a literal; strict validation allows no other");
    }
  }
  return ok;
}

Answer Checker::call(NodeId id, const Node& node) {
  const ExtensionFunction& function = extension_functions()[node.a];
  const auto arguments = ast_->list(node.b, node.c);
  Answer out{result_of(function), call_arguments(id, node)};
  if (!out.ok) {
    for (const NodeId argument : arguments) operand(argument);
    return out;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool fits = expect(arguments[i], wanted_for(function.parameters[i])).ok;
    out.ok = out.ok && fits;
  }
  return out;
}

}  // namespace mcpgov::policy::cedar::validation
