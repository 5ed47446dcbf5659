// The policies of a text, one after the other.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/arena.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/policy_id.hpp"
#include "policy/cedar/validation/validator.hpp"

namespace mcpgov::policy::cedar::validation {

Result<void> Validator::source(const Source& source, Symbols& symbols, std::vector<Finding>& out) {
  Arena arena;
  Parser parser(source.name, source.text, symbols, arena);
  Ast ast;
  ParsedPolicy parsed;
  std::uint32_t offset = 0;
  Position at{1, 1};
  for (std::size_t number = 0; parser.next(ast, parsed); ++number) {
    at = position_after(source.text, offset, at, parsed.offset);
    offset = parsed.offset;
    const std::string id = id_of(source, parsed, number, options_.ids);
    policy(ast, parsed, {id, source.name, source.text, offset, at.line, at.column}, out);
    ast.clear();
  }
  if (parser.failed()) return parser.error();
  return {};
}

}  // namespace mcpgov::policy::cedar::validation
