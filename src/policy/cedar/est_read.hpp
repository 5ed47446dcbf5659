// JSON policies to syntax trees.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// Policies take some ten times their size in JSON.
inline constexpr std::size_t kMaxPolicyJsonBytes = 8 * std::size_t{16} * 1024 * 1024;

// Reads a document of JSON policies. Chains of operators nest as deep as they are long, so nesting
// is limited by memory only; what is walked by recursion is limited when expressions are read.
// Errors: policy_json, policy_too_large, policy_too_deep. Throws: std::bad_alloc.
Result<JsonNode> read_policy_json(std::string_view text, Arena& arena);

// Reads policies of the document, one at a time. A node's offset is its place in the document.
// Accepts what the reference engine 4.12 accepts, but for three things that it takes by accident:
// structures written as arrays, names of enumerators written as objects, and unknown functions
// inside a `Value`.
// Borrowed: everything. Threads: one thread. Throws: std::bad_alloc.
class EstReader {
 public:
  // name: of the document, for errors. text: the document.
  EstReader(std::string_view name, std::string_view text, Symbols& symbols, Arena& arena)
      : name_(name), text_(text), symbols_(symbols), arena_(arena) {}

  // Appends the nodes of one policy or template to ast. False after an error.
  bool policy(const JsonNode& node, Ast& ast, ParsedPolicy& out);

  // `{"type": …, "id": …}`, also inside `__entity`.
  bool entity(const JsonNode& node, EntityId& out);
  // `{"type": …, "id": …}` and nothing around it.
  bool uid(const JsonNode& node, EntityId& out);

  // Remembers the error. False.
  bool fail(const JsonNode& at, ErrorCode code, std::string message);
  bool fail_at(std::size_t offset, ErrorCode code, std::string message);

  // Fails unless the node is an object whose members are all among `known`, of which the first
  // `required` must be there. known: up to eight.
  bool members(const JsonNode& node, std::initializer_list<std::string_view> known,
               std::size_t required);
  bool string(const JsonNode& node, std::string_view& out);

  const Error& error() const noexcept { return error_; }
  // Line and column. Rising offsets take one pass over the document together.
  Position place(std::size_t offset) noexcept;

 private:
  // est_read.cpp: policies around their expressions.
  bool scope(const JsonNode& node, std::string_view variable, Scope& out, ParsedPolicy& policy);
  bool target(const JsonNode& node, std::string_view variable, EntityId& out, ParsedPolicy& policy);
  bool action(const JsonNode& node, ParsedPolicy& out);
  bool action_entity(const JsonNode& node, ParsedPolicy& out);
  bool condition(const JsonNode& node, ParsedPolicy& out);
  bool annotations(const JsonNode& node, ParsedPolicy& out);
  bool type_name(const JsonNode& node, NameId& out);

  // est_read_expression.cpp: expressions. False after an error; `out` is then not set.
  struct Operator;
  static const Operator* find_operator(std::string_view name) noexcept;
  bool expr(const JsonNode& node, int depth, NodeId& out);
  bool operation(const Operator& op, const JsonMember& member, int depth, NodeId& out);
  bool operand(const JsonNode& object, std::string_view name, int depth, NodeId& out);
  bool spine(const JsonMember& member, int depth, NodeId& out);
  bool chain(const Operator& op, const JsonMember& member, int depth, NodeId& out);
  bool choice(const JsonNode& body, int depth, NodeId& out);
  bool has(const JsonNode& body, int depth, NodeId& out);
  bool is(const JsonNode& body, int depth, NodeId& out);
  bool like(const JsonNode& body, int depth, NodeId& out);
  bool set(const JsonNode& body, int depth, NodeId& out);
  bool record(const JsonNode& body, int depth, NodeId& out);
  bool call(const JsonMember& member, int depth, NodeId& out);
  bool variable(const JsonNode& body, NodeId& out);

  // est_read_value.cpp: what stands inside a `Value`.
  bool value(const JsonNode& node, int depth, NodeId& out);
  bool value_set(const JsonNode& node, int depth, NodeId& out);
  bool value_object(const JsonNode& node, int depth, NodeId& out);
  bool value_call(const JsonNode& call, int depth, NodeId& out);
  // The order in which records are evaluated.
  static std::vector<const JsonMember*> by_name(const JsonNode& object);
  bool literal(const JsonNode& node, const Value& value, NodeId& out);
  bool add(const JsonNode& at, Node node, NodeId& out);
  std::uint32_t keep(const std::vector<std::uint32_t>& list);
  bool too_deep(const JsonNode& node, int depth);

  std::string_view name_;
  std::string_view text_;
  Symbols& symbols_;
  Arena& arena_;
  Ast* ast_ = nullptr;
  std::size_t placed_ = 0;  // the last offset asked for, and where it is
  Position position_{1, 1};
  Error error_;
};

}  // namespace mcpgov::policy::cedar
