// What the readers and writers of JSON policies share: names of operators, and orders.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/cedar/ast.hpp"
#include "policy/cedar/est_write.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// `==`, `contains`: of the kinds with two operands, else null. Not for arithmetic.
const char* binary_operator(NodeKind kind) noexcept;

// `+`, `.`: of the kinds whose left operands are walked in a loop, else null.
const char* spine_operator(NodeKind kind) noexcept;

// True for kinds written `a.name(b)`.
bool is_method(NodeKind kind) noexcept;

// By Var.
std::string_view variable_name(std::uint32_t variable) noexcept;

// By name, as JSON policies and the reference engine's text have them.
std::vector<AnnotationText> sorted_annotations(const ParsedPolicy& policy);

// Name and value of each; readers have sorted them by name.
std::vector<std::pair<std::string_view, NodeId>> fields_of(const Ast& ast, const Node& record,
                                                           const Symbols& symbols);

// Bytes of the character at `at` of valid UTF-8.
std::size_t scalar_size(std::string_view text, std::size_t at) noexcept;

// Appends an expression, stopping somewhere once `out` exceeds `limit` bytes.
void append_expression_json(std::string& out, std::size_t limit, const Symbols& symbols,
                            const Ast& ast, NodeId expression);
void append_expression_text(std::string& out, std::size_t limit, const Symbols& symbols,
                            const Ast& ast, NodeId expression,
                            Parentheses parentheses = Parentheses::all);

}  // namespace mcpgov::policy::cedar
