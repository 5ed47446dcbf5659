// Lints for everybody.
// Tested by tests/policy/lint_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/lint.hpp"

#include <string>
#include <utility>

#include "base/arena.hpp"
#include "mcpgov/cedar.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/policy_id.hpp"

namespace mcpgov::policy {

Result<std::vector<Finding>> lint(std::span<const Source> policies, Ids ids) {
  std::vector<Finding> out;
  for (const Source& source : policies) {
    Symbols symbols;
    Arena arena;
    cedar::Parser parser(source.name, source.text, symbols, arena);
    cedar::Ast ast;
    cedar::ParsedPolicy policy;
    cedar::Position at{1, 1};
    std::size_t earlier = 0;
    for (std::size_t number = 0; parser.next(ast, policy); ++number, ast.clear()) {
      for (cedar::Lint& each : cedar::lints_of(ast, policy, symbols)) {
        at = cedar::position_after(source.text, earlier, at, each.offset);
        earlier = each.offset;
        out.push_back({each.kind, Severity::warning, cedar::id_of(source, policy, number, ids),
                       source.name, at.line, at.column, std::move(each.message)});
      }
    }
    if (parser.failed()) return parser.error();
  }
  return out;
}

}  // namespace mcpgov::policy
